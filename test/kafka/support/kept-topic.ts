import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { untilCaughtUp } from '../../../bench/log/progress.ts';
import { partitionsOf, readTopic, undecided } from '../../../bench/log/read-topic.ts';
import { recordsIn } from '../../../bench/measure/check-output.ts';
import type { TopicPartition } from '../../../src/core/log/port.ts';
import { kafka, produce, string } from '../../../src/index.ts';
import type { KeeperOptions } from '../../support/keeper/keeper-options.ts';
import { KeeperProcess } from '../../support/keeper/keeper-process.ts';
import { temporaryDirectory } from '../../support/log-fixture.ts';
import { type SharedKafka, uniqueName } from './each-kafka.ts';

export const keptPartitions = 2;

const text = { key: string(), value: string() };

/** Whose process it is, and where its state lies. */
export interface KeeperPlace extends Partial<
  Pick<KeeperOptions, 'sessionTimeout' | 'standbyReplicas' | 'deathAt' | 'transactionTimeoutMs'>
> {
  readonly machine: string;
  readonly instanceId: string;
}

/** A topic whose last values are kept by processes that come and go. */
export class KeptTopic {
  readonly application = uniqueName('kept');
  readonly log;
  private readonly brokers: readonly string[];
  private readonly input = `${this.application}.in`;
  private readonly output = `${this.application}.out`;
  private readonly directory = temporaryDirectory();
  private readonly sent: (readonly [key: string, value: string])[] = [];

  constructor({ brokers }: SharedKafka) {
    this.brokers = brokers;
    this.log = kafka({ brokers });
    onTestFinished(() => this.log.close());
  }

  async create(): Promise<void> {
    const shape = { partitions: keptPartitions, cleanup: 'delete', settings: {} } as const;
    const topics = [this.input, this.output];
    await this.log.admin.createTopics(topics.map((topic) => ({ ...shape, topic })));
  }

  /** A new value for each of the first `keys` keys. */
  async send(keys: number): Promise<void> {
    const records = Array.from({ length: keys }, (_, index) => {
      return { key: `k${index}`, value: `${this.sent.length + index}`, timestamp: 1_000 };
    });
    for (const { key, value } of records) this.sent.push([key, value]);
    await produce(this.log, this.input, text, records);
  }

  start({ machine, ...place }: KeeperPlace): KeeperProcess {
    const { brokers, application, input, output } = this;
    const keeper = new KeeperProcess({
      ...{ brokers, application, input, output },
      stateDir: join(this.directory, machine),
      sessionTimeout: 45_000,
      standbyReplicas: 0,
      deathAt: null,
      transactionTimeoutMs: null,
      ...place,
    });
    onTestFinished(() => keeper.kill());
    return keeper;
  }

  /** Resolves once all input is committed. */
  async untilKept(keeper: KeeperProcess): Promise<void> {
    const ended = keeper.exited.then(() => {
      throw new Error('The keeper has ended by itself.');
    });
    const places = await partitionsOf(this.log, this.input);
    await Promise.race([untilCaughtUp(this.log, this.application, places), ended]);
  }

  /** From its start to the end of all input, and out again. */
  async keep(place: KeeperPlace): Promise<void> {
    const keeper = this.start(place);
    await this.untilKept(keeper);
    await keeper.stop();
  }

  outputPlaces(): Promise<readonly TopicPartition[]> {
    return partitionsOf(this.log, this.output);
  }

  /** Values by key in order, as they were sent. */
  get expected(): Map<string, string[]> {
    return valuesByKey(this.sent);
  }

  /** The same as they have left, read committed. */
  async received(): Promise<Map<string, string[]>> {
    const places = await this.outputPlaces();
    // What is committed is not at once marked so.
    while ((await undecided(this.log, places)).length > 0);
    const records = recordsIn(await readTopic(this.log, this.output));
    return valuesByKey([...records].map(([key, value]) => [key.toString(), value.toString()]));
  }
}

function valuesByKey(records: Iterable<readonly [string, string]>): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [key, value] of records) {
    const own = values.get(key) ?? [];
    values.set(key, own);
    own.push(value);
  }
  return values;
}
