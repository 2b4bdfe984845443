import { committedBatches } from '../log/committed-batches.ts';
import type { Log } from '../log/port.ts';

type Stretch = readonly [from: number, to: number];

/** More stretches than this make too large a row. */
const maxStretches = 20_000;

/** Which records of a partition have been replayed: stretches of offsets, in order. */
export class Replayed {
  private stretches: Stretch[];
  /** Of the last record that was passed. */
  private last: { readonly offset: number; readonly isDone: boolean } | null = null;

  constructor(stretches: readonly Stretch[] = []) {
    this.stretches = [...stretches];
  }

  has(offset: number): boolean {
    return this.stretches.some(([from, to]) => from <= offset && offset < to);
  }

  /** Whether there is no room to remember another one. */
  get isFull(): boolean {
    return this.stretches.length >= maxStretches;
  }

  /** Records are passed in order. Between two that are done nothing is left to do. */
  pass(offset: number, isDone: boolean): void {
    const { last } = this;
    this.last = { offset, isDone };
    if (!isDone) return;
    const isFirst = last === null;
    if (isFirst) this.cover(0, offset + 1);
    else this.cover(last.isDone ? last.offset : offset, offset + 1);
  }

  serialize(): string {
    return JSON.stringify({ format: 1, stretches: this.stretches });
  }

  private cover(from: number, to: number): void {
    const touches = ([start, end]: Stretch) => start <= to && end >= from;
    const touched = this.stretches.filter(touches);
    const whole: Stretch = [
      Math.min(from, ...touched.map(([start]) => start)),
      Math.max(to, ...touched.map(([, end]) => end)),
    ];
    const others = this.stretches.filter((stretch) => !touches(stretch));
    this.stretches = [...others, whole].sort(([a], [b]) => a - b);
  }
}

/** Keeps what was replayed of a topic; compacted, a row for each partition. */
export function replayedTopic(topic: string): string {
  return `${topic}-replayed`;
}

/** What was replayed before, by partition. */
export async function storedReplayed(log: Log, topic: string): Promise<Map<number, Replayed>> {
  const found = new Map<number, Replayed>();
  const name = replayedTopic(topic);
  if (!(await log.admin.listTopics()).includes(name)) return found;
  for await (const batch of committedBatches(log, { topic: name, partition: 0 })) {
    for (let index = 0; index < batch.count; index += 1) {
      const key = batch.key(index)?.toString('utf8');
      const text = batch.value(index)?.toString('utf8');
      if (key === undefined || text === undefined) continue;
      const { stretches } = JSON.parse(text) as { readonly stretches: Stretch[] }; // own row
      found.set(Number(key), new Replayed(stretches));
    }
  }
  return found;
}
