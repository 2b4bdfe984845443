import fc from 'fast-check';
import { expect, it } from 'vitest';
import { embedded, type EmbeddedLog } from '../../src/core/log/embedded/embedded.ts';
import type { Writer } from '../../src/core/log/port.ts';
import {
  batchOf,
  NO_MEMBER,
  openWriter,
  PLACE,
  recordsIn,
  temporaryDirectory,
} from '../support/log-fixture.ts';
import { propertyOptions } from '../support/property-options.ts';

const writer = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('produce' as const), writer }) },
  fc.record({ kind: fc.constantFrom('commit', 'abort', 'offsets', 'reopen'), writer }),
  fc.record({ kind: fc.constantFrom('restart' as const), writer }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Written {
  readonly offset: number;
  readonly writer: string;
  fate: 'open' | 'commit' | 'abort';
}

/** The rules without an index: every record with its fate, in a list. */
class NaiveLog {
  readonly written: Written[] = [];
  private readonly inTransaction = new Map<string, number | null>();
  endOffset = 0;
  committed: number | null = null;

  produce(writer: string): void {
    this.written.push({ offset: this.endOffset++, writer, fate: 'open' });
    this.inTransaction.set(writer, this.inTransaction.get(writer) ?? null);
  }

  sendOffset(writer: string, offset: number): void {
    this.inTransaction.set(writer, offset);
  }

  end(writer: string, fate: 'commit' | 'abort'): void {
    if (!this.inTransaction.has(writer)) return;
    const own = this.written.filter((one) => one.writer === writer && one.fate === 'open');
    for (const one of own) one.fate = fate;
    if (own.length > 0) this.endOffset++;
    const offset = this.inTransaction.get(writer) ?? null;
    if (fate === 'commit' && offset !== null) this.committed = offset;
    this.inTransaction.delete(writer);
  }

  /** All that is open ends, in the order in which it began. */
  restart(): void {
    const open = this.written.filter(({ fate }) => fate === 'open').map(({ writer }) => writer);
    for (const writer of new Set(open)) this.end(writer, 'abort');
    this.inTransaction.clear();
  }

  get lastStableOffset(): number {
    return this.written.find(({ fate }) => fate === 'open')?.offset ?? this.endOffset;
  }

  read(from: number): string[] {
    return this.written
      .filter(
        ({ offset, fate }) => offset >= from && offset < this.lastStableOffset && fate === 'commit',
      )
      .map(({ offset, writer }) => `${offset}:${writer}=${offset}`);
  }
}

class Run {
  readonly naive = new NaiveLog();
  private readonly writers = new Map<string, Writer>();

  constructor(
    private log: EmbeddedLog,
    /** Null where nothing outlives the log. */
    private readonly reopen: (() => EmbeddedLog) | null,
  ) {}

  async play({ kind, writer: name }: Step): Promise<void> {
    const { naive } = this;
    if (kind === 'restart') return this.restart();
    if (kind === 'reopen') {
      naive.end(name, 'abort');
      this.writers.set(name, await openWriter(this.log, name));
      return;
    }
    const writer = this.writers.get(name) ?? (await openWriter(this.log, name));
    this.writers.set(name, writer);
    if (kind === 'produce') {
      await writer.produce([batchOf(`${name}=${naive.endOffset}`)]);
      naive.produce(name);
    } else if (kind === 'offsets') {
      await writer.sendOffsets([{ ...PLACE, offset: naive.endOffset, metadata: '' }], NO_MEMBER);
      naive.sendOffset(name, naive.endOffset);
    } else {
      await writer[kind]();
      naive.end(name, kind);
    }
  }

  async check(): Promise<void> {
    const { naive, log } = this;
    await log.admin.describeTopics([PLACE.topic]);
    expect(await log.admin.ends([PLACE])).toEqual([
      {
        logStartOffset: 0,
        lastStableOffset: naive.lastStableOffset,
        logEndOffset: naive.endOffset,
      },
    ]);
    for (const from of [0, Math.floor(naive.endOffset / 2)]) {
      expect(await recordsIn(log, 'read-committed', from)).toEqual(naive.read(from));
    }
    const [offset] = log.broker.committedOffsets(NO_MEMBER.group, [PLACE]);
    expect(offset?.offset ?? null).toBe(naive.committed);
  }

  async close(): Promise<void> {
    await this.log.close();
  }

  private async restart(): Promise<void> {
    if (this.reopen === null) return;
    await this.log.close();
    this.log = this.reopen();
    this.writers.clear();
    this.naive.restart();
  }
}

const law = (create: () => Run) =>
  fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const run = create();
    try {
      for (const step of steps) {
        await run.play(step);
        await run.check();
      }
    } finally {
      await run.close();
    }
  });

it('what readers see is what a list of records with their fates says', async () => {
  await fc.assert(
    law(() => new Run(embedded({ partitions: 1 }), null)),
    propertyOptions(150),
  );
});

it('in a directory that holds across restarts, with and without a cache', async () => {
  const create = (): Run => {
    const options = { directory: temporaryDirectory(), partitions: 1, maxCacheBytes: 200 };
    return new Run(embedded(options), () => embedded(options));
  };
  await fc.assert(law(create), propertyOptions(30));
});
