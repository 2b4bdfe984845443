import { expect, it } from 'vitest';
import { EventClock } from '../../../src/core/task/event-clock.ts';
import { InputQueue } from '../../../src/core/task/input-queue.ts';
import { RecordQueue } from '../../../src/core/task/record-queue.ts';
import type { StreamRecord } from '../../../src/core/model/record.ts';
import { noHeaders } from '../../../src/core/model/headers.ts';
import { buildTopology } from '../../../src/core/topology/build-topology.ts';
import { manualClock } from '../../support/broker-fixture.ts';
import { operator, settings, sink, source } from '../../support/plan-nodes.ts';
import { batchAt, fetchedOf } from './task-fixture.ts';

function merged(topics: readonly string[]) {
  const sources = topics.map((topic) => source(topic));
  const all = operator('all', sources);
  const topology = buildTopology(settings(), [...sources, all, sink('out', [all])]);
  const [subTopology] = topology.subTopologies;
  if (subTopology === undefined) throw new Error('The plan has one part.');
  return subTopology;
}

/** Values that say 'poison' are refused. */
function read(
  batch: ReturnType<typeof batchAt>,
  index: number,
): StreamRecord<unknown, unknown> | null {
  const value = batch.value(index)?.toString() ?? null;
  if (value === 'poison') return null;
  return { key: null, value, timestamp: batch.timestamp(index), headers: noHeaders };
}

/** Values that say 'wait' have to be waited for. */
function preparing() {
  const waits: { readonly end: () => void; readonly fail: (error: Error) => void }[] = [];
  const prepare = (batch: ReturnType<typeof batchAt>, index: number) => {
    if (batch.value(index)?.toString() !== 'wait') return null;
    return new Promise<void>((end, fail) => waits.push({ end, fail }));
  };
  return { prepare, waits };
}

function queueOf(topics: readonly string[], maxIdleMs = Infinity, maxBuffered = 100) {
  const eventClock = new EventClock(merged(topics));
  const wall = manualClock();
  const { prepare, waits } = preparing();
  const ready: string[] = [];
  const options = {
    reader: { read, prepare },
    clock: eventClock,
    maxBuffered,
    onPrepared: () => ready.push('ready'),
  };
  const inputs = topics.map((topic, index) => new InputQueue(index, topic, options));
  const queue = new RecordQueue(inputs, wall, maxIdleMs);
  const input = (topic: string): InputQueue => {
    const found = inputs.find((own) => own.topic === topic);
    if (found === undefined) throw new Error(`There is no input ${topic}.`);
    return found;
  };
  return { queue, wall, input, waits, ready, take: () => takeAll(queue) };
}

function takeAll(queue: RecordQueue): string[] {
  const taken: string[] = [];
  for (let next = queue.next(); next !== null; next = queue.next()) {
    taken.push(String(next.head()?.value));
    next.consume();
  }
  return taken;
}

/** `['a@1', ...]` at consecutive offsets. */
function batch(baseOffset: number, ...records: readonly string[]) {
  const split = records.map((record) => {
    const [value = '', at = '0'] = record.split('@');
    return { value, timestamp: Number(at) };
  });
  return batchAt(baseOffset, split);
}

/** A fetch that finds the end. */
function findEnd(input: InputQueue): void {
  const offset = input.fetchPosition() ?? 0;
  input.enqueue(fetchedOf(input.topic, [], offset));
}

it('the least timestamp goes first; at equal times the first topic', () => {
  const { input, take } = queueOf(['A', 'B']);
  input('A').enqueue(fetchedOf('A', [batch(0, 'a1@5', 'a2@3')]));
  input('B').enqueue(fetchedOf('B', [batch(0, 'b1@4', 'b2@5')]));
  // T1. After a2 the input A is empty, and whether more comes is not known.
  expect(take()).toEqual(['b1', 'a1', 'a2']);
  findEnd(input('A'));
  expect(take()).toEqual(['b2']);
});

it('a partition is never sorted', () => {
  const { input, take } = queueOf(['A']);
  input('A').enqueue(fetchedOf('A', [batch(0, 'a@9', 'b@1', 'c@5')]));
  expect(take()).toEqual(['a', 'b', 'c']);
});

it('one input is never waited for', () => {
  const { input, take } = queueOf(['A'], 0);
  input('A').enqueue(fetchedOf('A', [batch(0, 'a@9')], 1, 50));
  expect(take()).toEqual(['a']);
});

it('an empty input is waited for until its end is known', () => {
  const { input, queue, take } = queueOf(['A', 'B']);
  input('A').enqueue(fetchedOf('A', [batch(0, 'a@1')]));
  expect(take()).toEqual([]);
  const behind = fetchedOf('B', [], 0, 7);
  input('B').fetchPosition();
  input('B').enqueue(behind);
  expect(take()).toEqual([]);
  findEnd(input('B'));
  expect(take()).toEqual(['a']);
  expect(queue.forced).toBe(0);
});

it('a fetch sent before the input ran empty does not tell its end', () => {
  const { input, take } = queueOf(['A', 'B']);
  input('A').enqueue(fetchedOf('A', [batch(0, 'a1@1', 'a2@3')]));
  input('B').enqueue(fetchedOf('B', [batch(0, 'b1@2')]));
  const offset = input('B').fetchPosition();
  expect(take()).toEqual(['a1', 'b1']);
  input('B').enqueue(fetchedOf('B', [], offset ?? 0));
  expect(take()).toEqual([]);
  findEnd(input('B'));
  expect(take()).toEqual(['a2']);
});

it('after maxTaskIdle the task goes on and counts each record as forced', () => {
  const { input, queue, wall, take } = queueOf(['A', 'B'], 30);
  input('A').enqueue(fetchedOf('A', [batch(0, 'a1@1', 'a2@2')]));
  expect(take()).toEqual([]);
  wall.advance(29);
  expect(take()).toEqual([]);
  wall.advance(1);
  expect(take()).toEqual(['a1', 'a2']);
  expect(queue.forced).toBe(2);
});

it('a wait begins anew once all inputs had something', () => {
  const { input, wall, take } = queueOf(['A', 'B'], 30);
  input('A').enqueue(fetchedOf('A', [batch(0, 'a1@1', 'a2@5')]));
  expect(take()).toEqual([]);
  wall.advance(20);
  input('B').enqueue(fetchedOf('B', [batch(0, 'b1@3')]));
  expect(take()).toEqual(['a1', 'b1']);
  wall.advance(20);
  expect(take()).toEqual([]);
  wall.advance(10);
  expect(take()).toEqual(['a2']);
});

it('the position is behind what was taken, and at the end of the fetch when empty', () => {
  const { input, take } = queueOf(['A']);
  const a = input('A');
  a.startAt(10);
  expect(a.position).toBe(10);
  a.enqueue(fetchedOf('A', [batch(10, 'a', 'b')], 20));
  a.head();
  expect(a.position).toBe(10);
  a.consume();
  expect(a.position).toBe(11);
  expect(take()).toEqual(['b']);
  expect(a.position).toBe(20);
  a.enqueue(fetchedOf('A', [], 25));
  expect(a.position).toBe(25);
});

it('refused records are passed over, and their offsets with them', () => {
  const { input, take } = queueOf(['A']);
  const a = input('A');
  a.enqueue(fetchedOf('A', [batch(0, 'poison', 'a', 'poison', 'poison')]));
  expect(take()).toEqual(['a']);
  expect(a.position).toBe(4);
  expect(a.seen).toBe(4);
});

it('of a batch that begins before the position only the tail is taken', () => {
  const { input, take } = queueOf(['A']);
  const a = input('A');
  a.startAt(2);
  a.enqueue(fetchedOf('A', [batch(0, 'x', 'y', 'a', 'b')]));
  expect(take()).toEqual(['a', 'b']);
  expect(a.seen).toBe(2);
});

it('a batch that lies before the position as a whole leaves it at the end of the fetch', () => {
  const { input, take } = queueOf(['A']);
  const a = input('A');
  a.startAt(5);
  // A compacted batch covers offsets whose records are gone.
  a.enqueue(fetchedOf('A', [batch(0, 'x', 'y')], 9));
  expect(take()).toEqual([]);
  expect(a.position).toBe(9);
  expect(a.fetchPosition()).toBe(9);
});

it('a full input is not fetched', () => {
  const { input, take } = queueOf(['A'], Infinity, 2);
  const a = input('A');
  a.enqueue(fetchedOf('A', [batch(0, 'a', 'b', 'c')]));
  expect(a.fetchPosition()).toBeNull();
  expect(a.buffered).toBe(3);
  take();
  expect(a.fetchPosition()).toBe(3);
});

it('a head that is not prepared holds its task, however long others idle', async () => {
  const { input, queue, wall, waits, ready, take } = queueOf(['A', 'B'], 5);
  input('A').enqueue(fetchedOf('A', [batch(0, 'wait@1', 'a@2')]));
  input('B').enqueue(fetchedOf('B', [batch(0, 'b@3')]));
  expect([take(), take()]).toEqual([[], []]);
  wall.advance(10);
  expect([take(), waits.length, queue.forced]).toEqual([[], 1, 0]);
  const prepared = queue.prepared();
  waits[0]?.end();
  await prepared;
  expect(ready).toEqual(['ready']);
  expect([queue.prepared(), take()]).toEqual([null, ['wait', 'a']]);
});

it('what was waited for in vain is read all the same, and asked for no second time', async () => {
  const { input, queue, waits, take } = queueOf(['A']);
  input('A').enqueue(fetchedOf('A', [batch(0, 'wait@1', 'wait@2')]));
  expect(take()).toEqual([]);
  waits[0]?.fail(new Error('not there'));
  await queue.prepared();
  expect([take(), waits.length]).toEqual([['wait'], 2]);
});
