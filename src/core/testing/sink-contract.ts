import { invariant } from '../model/invariant.ts';
import type { DeliveryPlace, Sink, SinkBatch, SinkConnection } from '../sink/sink.ts';

/** A sink to try, with an empty table of its own behind it. */
export interface SinkSubject<Row> {
  readonly sink: Sink<Row>;
  /** Whether rows of one key are one in the table. Default: each is a row of its own. */
  readonly isUpsert?: boolean;
  /** A row like no other; the same for the same number. */
  row(number: number): Row;
  /** The numbers of the rows that the table holds, in any order; a row twice is there twice. */
  stored(): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** One law for sinks: `run` resolves if it holds. */
export interface SinkLaw {
  readonly name: string;
  run(): Promise<void>;
}

/**
 * What the engine asks of a sink, law by law, for any test runner. Each opens a subject of its own.
 *
 * @example A table that knows a batch by its token.
 * ```ts
 * const create = async (): Promise<SinkSubject<number>> => {
 *   const tokens = new Set<string>();
 *   const table: number[] = [];
 *   const sink = defineSink<number>({
 *     kind: 'memory',
 *     name: 'numbers',
 *     row: number(),
 *     connect: () => ({
 *       open: async () => null,
 *       async apply({ token, rows }) {
 *         if (tokens.has(token)) return 'duplicate';
 *         tokens.add(token);
 *         table.push(...rows.map((row) => number().deserialize(row)));
 *         return 'applied';
 *       },
 *       close: async () => undefined,
 *     }),
 *   });
 *   return { sink, row: (n) => n, stored: async () => table, close: async () => undefined };
 * };
 * for (const law of sinkContract(create)) await law.run();
 * ```
 */
export function sinkContract<Row>(create: () => Promise<SinkSubject<Row>>): readonly SinkLaw[] {
  const law = (name: string, check: (trial: SinkTrial<Row>) => Promise<void>): SinkLaw => ({
    name,
    async run() {
      const trial = new SinkTrial(await create(), name);
      try {
        await check(trial);
      } finally {
        await trial.close();
      }
    },
  });
  return [...lawsOfBatches<Row>(), ...lawsOfOwners<Row>(), ...lawsOfAttempts<Row>()].map(
    ([name, check]) => law(name, check),
  );
}

type NamedCheck<Row> = readonly [name: string, check: (trial: SinkTrial<Row>) => Promise<void>];

function lawsOfBatches<Row>(): readonly NamedCheck<Row>[] {
  return [
    [
      'rows of a batch are there once it is applied',
      async (trial) => {
        const connection = await trial.open();
        await trial.apply(connection, trial.batch('a', 0, 3), 'applied');
        await trial.holds([0, 1, 2]);
      },
    ],
    [
      'a batch that is applied again changes nothing',
      async (trial) => {
        const connection = await trial.open();
        await trial.apply(connection, trial.batch('a', 0, 3), 'applied');
        await trial.apply(connection, trial.batch('a', 0, 3));
        await trial.holds([0, 1, 2]);
      },
    ],
    [
      'batches of equal rows are not taken for one another',
      async (trial) => {
        const connection = await trial.open();
        await trial.apply(connection, trial.batch('a', 0, 1), 'applied');
        await trial.apply(connection, { ...trial.batch('b', 1, 2), rows: trial.rows(0, 1) });
        await trial.holds(trial.isUpsert ? [0] : [0, 0]);
      },
    ],
    [
      'a batch without rows is applied',
      async (trial) => {
        const connection = await trial.open();
        await trial.apply(connection, { ...trial.batch('a', 0, 1), rows: [] });
        await trial.apply(connection, trial.batch('b', 1, 2), 'applied');
        await trial.holds([1]);
      },
    ],
  ];
}

function lawsOfOwners<Row>(): readonly NamedCheck<Row>[] {
  return [
    [
      'a new owner that applies the last batch again changes nothing',
      async (trial) => {
        const first = await trial.open();
        await trial.apply(first, trial.batch('a', 0, 2), 'applied');
        await trial.apply(first, trial.batch('b', 2, 4), 'applied');
        await first.close();
        const second = await trial.open({ epoch: 2 });
        await trial.apply(second, trial.batch('b', 2, 4));
        await trial.apply(second, trial.batch('c', 4, 5), 'applied');
        await trial.holds([0, 1, 2, 3, 4]);
      },
    ],
    [
      'the late batch of an owner before changes nothing',
      async (trial) => {
        const zombie = await trial.open();
        const owner = await trial.open({ epoch: 2 });
        await trial.apply(owner, trial.batch('a', 0, 2), 'applied');
        await zombie.apply(trial.batch('a', 0, 2)).catch(() => 'refused');
        await trial.holds([0, 1]);
      },
    ],
    [
      'sources do not know of each other',
      async (trial) => {
        const one = await trial.open({ source: 'one' });
        const other = await trial.open({ source: 'other', partition: 1 });
        await trial.apply(one, trial.batch('one-1', 0, 2), 'applied');
        await trial.apply(other, { ...trial.batch('other-1', 0, 2), rows: trial.rows(2, 4) });
        await trial.holds([0, 1, 2, 3]);
      },
    ],
  ];
}

function lawsOfAttempts<Row>(): readonly NamedCheck<Row>[] {
  return [
    [
      'its position is the end of the last batch, and 0 before the first',
      async (trial) => {
        const connection = trial.connect();
        const before = await connection.open(trial.signal);
        trial.expect(before === null || before.next === 0, `it began at ${before?.next}`);
        await trial.apply(connection, trial.batch('a', 0, 3), 'applied');
        const after = await trial.connect({ epoch: 2 }).open(trial.signal);
        trial.expect(after === null || after.next === 3, `it ended at ${after?.next}`);
      },
    ],
    [
      'an attempt that is aborted ends',
      async (trial) => {
        const connection = await trial.open();
        const abort = new AbortController();
        const batch = { ...trial.batch('a', 0, 3), signal: abort.signal };
        const attempt = connection.apply(batch).catch(() => 'failed');
        abort.abort();
        await attempt;
        const next = await trial.open({ epoch: 2 });
        await trial.apply(next, trial.batch('a', 0, 3));
        await trial.holds([0, 1, 2]);
      },
    ],
  ];
}

/** One subject with all the connections that were opened to it. */
class SinkTrial<Row> {
  readonly signal = new AbortController().signal;
  private readonly connections: SinkConnection[] = [];

  constructor(
    private readonly subject: SinkSubject<Row>,
    private readonly law: string,
  ) {}

  get isUpsert(): boolean {
    return this.subject.isUpsert ?? false;
  }

  connect(change: Partial<DeliveryPlace> = {}): SinkConnection {
    const { sink } = this.subject;
    const connection = sink.connect({
      application: 'contract',
      sink: sink.name,
      partition: 0,
      partitions: 2,
      source: 'source',
      epoch: 1,
      maxZombieMs: 1_000,
      minIntervalMs: 1_000,
      ...change,
    });
    this.connections.push(connection);
    return connection;
  }

  async open(change: Partial<DeliveryPlace> = {}): Promise<SinkConnection> {
    const connection = this.connect(change);
    await connection.open(this.signal);
    return connection;
  }

  /** The rows with the numbers `[from, to)`, at the same offsets. */
  batch(token: string, from: number, to: number): SinkBatch {
    return { token, from, to, rows: this.rows(from, to), signal: this.signal };
  }

  rows(from: number, to: number): readonly Uint8Array[] {
    const { subject } = this;
    return Array.from({ length: to - from }, (_, index) => {
      const bytes = subject.sink.row.serialize(subject.row(from + index));
      return typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    });
  }

  async apply(connection: SinkConnection, batch: SinkBatch, outcome?: 'applied'): Promise<void> {
    const is = await connection.apply(batch);
    this.expect(outcome === undefined || is === outcome, `${batch.token} was '${is}'`);
  }

  async holds(numbers: readonly number[]): Promise<void> {
    const stored = [...(await this.subject.stored())].sort((a, b) => a - b);
    const [is, due] = [stored.join(', '), numbers.join(', ')];
    this.expect(is === due, `the table holds rows ${is}; due are ${due}`);
  }

  expect(isTrue: boolean, finding: string): void {
    invariant(isTrue, `The sink breaks a law, "${this.law}": ${finding}.`);
  }

  async close(): Promise<void> {
    for (const connection of this.connections) await connection.close().catch(() => undefined);
    await this.subject.close();
  }
}
