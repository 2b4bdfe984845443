import { describe, expect, it } from 'vitest';
import type { Intercept } from '../../../src/core/log/embedded/fault-intercept.ts';
import {
  type EmitPolicy,
  LogError,
  onCommit,
  onUpdate,
  StoreError,
  string,
  TopologyBuilder,
} from '../../../src/index.ts';
import type { LocalState } from '../../../src/core/task/state-port.ts';
import { survivingState } from '../../support/surviving-state.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';
import { overriding } from '../../torture/overriding.ts';
import { mappingStates } from '../../torture/ports.ts';

function counting(emit: EmitPolicy = onUpdate()) {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words
    .peek((value) => {
      if (value === 'bad') throw new Error('A value nobody can take.');
    })
    .filter((value) => value !== 'nothing')
    .groupByKey()
    .count({ name: 'counts', emit })
    .toStream()
    .mapValues((count, key) => `${key}${count}`, { value: string() })
    .to('out');
  return builder.build();
}

/** Holds a worker's requests of one kind, those of the writer, until it is opened. */
class Gate {
  private waiting: (() => void)[] = [];
  private isShut = false;
  private failure: LogError | null = null;

  constructor(private readonly api: string) {}

  get isReached(): boolean {
    return this.waiting.length > 0;
  }

  shut(): void {
    this.isShut = true;
  }

  /** Lets pass what waits, and all that comes. */
  open(failure: LogError | null = null): void {
    this.isShut = false;
    this.failure = failure;
    for (const pass of this.waiting.splice(0)) pass();
  }

  readonly intercept: Intercept = async ({ api }, go) => {
    if (api !== this.api || !this.isShut) return go();
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    const { failure } = this;
    if (failure === null) return go();
    throw failure;
  };
}

const noAnswer = () =>
  new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'Nobody answers.');
const writes = ['produce', 'send-offsets', 'commit'] as const;

interface HeldOptions {
  readonly emit?: EmitPolicy;
  readonly breaking?: (state: LocalState) => LocalState;
}

/** A worker whose first commit is held, and what else can happen to its requests. */
async function startHeld(api: string, { emit, breaking = (state) => state }: HeldOptions = {}) {
  const workshop = new Workshop();
  const gate = new Gate(api);
  const state = survivingState();
  const network = { fails: false, isSilent: false };
  const worker = await workshop.start(counting(emit), {
    state: mappingStates(state, breaking),
    instanceId: 'one',
    commitInterval: '10ms',
    intercept: (request, go) => {
      const isWrite = writes.some((own) => own === request.api);
      if (!isWrite && network.fails) throw new LogError('fatal', 'LOG_IO', 'No log there.');
      if (!isWrite && network.isSilent) throw noAnswer();
      return gate.intercept(request, go);
    },
  });
  gate.shut();
  await workshop.feed('in', textRecords(['a=1', 'a=1']));
  await workshop.runtime.advance(50);
  expect(gate.isReached).toBe(true);
  return { workshop, gate, state, worker, network };
}

describe('while a commit is under way', () => {
  it.each(writes)("held at '%s', records are taken and see what it holds", async (api) => {
    const { workshop, gate, worker } = await startHeld(api);
    await workshop.feed('in', textRecords(['a=1', 'b=1'], 2));
    await workshop.runtime.advance(50);
    expect(worker.status()).toMatchObject({ recordsIn: 4, commits: 0 });
    expect(await workshop.values('out')).toEqual([]);
    gate.open();
    await workshop.until(worker.caughtUp());
    expect(await workshop.values('out')).toEqual(['a1', 'a2', 'a3', 'b1']);
    expect(worker.status()).toMatchObject({ recordsIn: 4, commits: 2, recoveries: 0 });
  });

  it('what it folds is of its own interval', async () => {
    const { workshop, gate, worker } = await startHeld('produce', { emit: onCommit() });
    await workshop.feed('in', textRecords(['a=1', 'a=1', 'a=1'], 2));
    await workshop.runtime.advance(50);
    gate.open();
    await workshop.until(worker.caughtUp());
    expect(await workshop.values('out')).toEqual(['a2', 'a5']);
  });

  it('nothing is caught up', async () => {
    const { workshop, gate, worker } = await startHeld('commit');
    let isCaughtUp = false;
    const caughtUp = worker.caughtUp().then(() => {
      isCaughtUp = true;
    });
    await workshop.runtime.advance(1000);
    expect(isCaughtUp).toBe(false);
    gate.open();
    await workshop.until(caughtUp);
    expect(await workshop.values('out')).toEqual(['a1', 'a2']);
  });

  it.each(writes)("its failure at '%s' takes back what came after it too", async (api) => {
    const { workshop, gate, state, worker } = await startHeld(api);
    await workshop.feed('in', textRecords(['a=1', 'b=1'], 2));
    await workshop.runtime.advance(50);
    gate.open(noAnswer());
    await workshop.until(worker.caughtUp());
    expect(await workshop.values('out')).toEqual(['a1', 'a2', 'a3', 'b1']);
    expect(worker.status()).toMatchObject({ recordsIn: 4, recoveries: 1 });
    expect(state.rows('in-0', 'counts').size).toBe(2);
  });

  it('a failure of the work beside it waits for its end', async () => {
    const { workshop, gate, state, worker } = await startHeld('commit');
    let hasEnded = false;
    worker.finished.catch(() => {
      hasEnded = true;
    });
    await workshop.feed('in', textRecords(['b=1', 'c=bad'], 2));
    await workshop.runtime.advance(50);
    expect(hasEnded).toBe(false);
    gate.open();
    await expect(workshop.until(worker.finished)).rejects.toMatchObject({ code: 'PROCESSING' });
    expect(await workshop.values('out')).toEqual(['a1', 'a2']);
    expect(state.position('in-0')?.commitNumber).toBe(1);
    expect(state.rows('in-0', 'counts').size).toBe(1);
  });

  it('a failure that a new start can mend waits for its end too', async () => {
    let isBroken = false;
    const breaking = (state: LocalState) =>
      overriding(state, {
        get dirtyBytes() {
          if (!isBroken) return state.dirtyBytes;
          isBroken = false;
          throw new StoreError('STORE_IO', 'The disk is bad.');
        },
      });
    const { workshop, gate, worker } = await startHeld('commit', { breaking });
    await workshop.feed('in', textRecords(['a=1'], 2));
    isBroken = true;
    await workshop.runtime.advance(50);
    expect(isBroken).toBe(false);
    gate.open();
    await workshop.until(worker.caughtUp());
    expect(await workshop.values('out')).toEqual(['a1', 'a2', 'a3']);
    expect(worker.status()).toMatchObject({ recoveries: 1, commits: 2, restoredRecords: 0 });
  });

  it('a failure beside the work waits for its end', async () => {
    const { workshop, gate, state, worker, network } = await startHeld('commit');
    let hasEnded = false;
    worker.finished.catch(() => {
      hasEnded = true;
    });
    network.fails = true;
    await workshop.feed('in', textRecords(['b=1'], 2));
    // Less than a transaction may take.
    await workshop.runtime.advance(200);
    expect(hasEnded).toBe(false);
    gate.open();
    await expect(workshop.until(worker.finished)).rejects.toMatchObject({ code: 'LOG_IO' });
    expect(await workshop.values('out')).toEqual(['a1', 'a2']);
    expect(state.position('in-0')?.commitNumber).toBe(1);
  });

  it('a membership that is lost waits for its end', async () => {
    const { workshop, gate, worker, network } = await startHeld('produce');
    network.isSilent = true;
    await workshop.runtime.advance(1000);
    network.isSilent = false;
    await workshop.runtime.advance(1000);
    expect(worker.state).toBe('running');
    gate.open();
    await workshop.until(worker.caughtUp());
    expect(await workshop.values('out')).toEqual(['a1', 'a2']);
  });

  it('what is taken is counted with the commit it belongs to', async () => {
    const { workshop, gate, worker } = await startHeld('commit');
    await workshop.feed('in', textRecords(['a=1', 'b=1'], 2));
    await workshop.runtime.advance(50);
    gate.open();
    gate.shut();
    await workshop.runtime.advance(50);
    expect(worker.status()).toMatchObject({ recordsIn: 4, commits: 1 });
    gate.open(noAnswer());
    await workshop.until(worker.caughtUp());
    expect(worker.status()).toMatchObject({ recordsIn: 4, recordsOut: 4, recoveries: 1 });
  });

  it('records that leave nothing behind are still committed by the next', async () => {
    const { workshop, gate, worker } = await startHeld('commit');
    await workshop.feed('in', textRecords(['a=nothing', 'a=nothing'], 2));
    await workshop.runtime.advance(50);
    gate.open();
    await workshop.until(worker.caughtUp());
    const inputs = [{ topic: 'in', partition: 0 }];
    expect(workshop.broker.committedOffsets('app', inputs)).toMatchObject([{ offset: 4 }]);
  });

  it('a close waits for its end, and commits the rest', async () => {
    const { workshop, gate, state, worker } = await startHeld('commit');
    await workshop.feed('in', textRecords(['a=1'], 2));
    await workshop.runtime.advance(50);
    const closed = worker.close();
    await workshop.runtime.advance(50);
    expect(worker.state).toBe('closing');
    gate.open();
    await workshop.until(closed);
    expect(await workshop.values('out')).toEqual(['a1', 'a2', 'a3']);
    const next = await workshop.start(counting(), { state, instanceId: 'two' });
    await workshop.until(next.caughtUp());
    expect(next.status()).toMatchObject({ restoredRecords: 0, recordsIn: 0 });
  });

  it('a commit that fails while the worker closes is left to the next', async () => {
    const { workshop, gate, state, worker } = await startHeld('commit');
    await workshop.feed('in', textRecords(['a=1'], 2));
    await workshop.runtime.advance(50);
    const closed = worker.close();
    gate.open(noAnswer());
    await workshop.until(closed);
    const next = await workshop.start(counting(), { state, instanceId: 'two' });
    await workshop.until(next.caughtUp());
    expect(await workshop.values('out')).toEqual(['a1', 'a2', 'a3']);
  });

  it('work waits for it where memory is full', async () => {
    const workshop = new Workshop();
    const gate = new Gate('commit');
    const { intercept } = gate;
    const options = { intercept, commitInterval: '1 hour', maxDirtyBytes: 10_000 } as const;
    const worker = await workshop.start(counting(), options);
    gate.shut();
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index % 500}=1`);
    await workshop.feed('in', textRecords(keys));
    await workshop.runtime.advance(60_000);
    expect(gate.isReached).toBe(true);
    expect(worker.status().recordsIn).toBeLessThanOrEqual(3000);
    gate.open();
    await workshop.until(worker.caughtUp());
    expect((await workshop.values('out')).length).toBe(20_000);
  });

  it('tasks that move are given away after its end', async () => {
    const workshop = new Workshop({ partitions: 2 });
    const gate = new Gate('commit');
    const { intercept } = gate;
    const topology = counting();
    const one = await workshop.start(topology, { intercept, commitInterval: '10ms' });
    await workshop.feed('in', textRecords(['a=1', 'b=1', 'c=1', 'd=1']));
    await workshop.until(one.caughtUp());
    gate.shut();
    await workshop.feed('in', textRecords(['a=1', 'b=1', 'c=1', 'd=1'], 4));
    await workshop.runtime.advance(50);
    expect(gate.isReached).toBe(true);
    await workshop.feed('in', textRecords(['a=1', 'b=1', 'c=1', 'd=1'], 8));
    const two = await workshop.start(topology);
    await workshop.runtime.advance(300);
    const running = two.status().tasks.filter(({ state }) => state === 'running');
    expect([one.status().tasks.length, running.length]).toEqual([2, 0]);
    gate.open();
    await workshop.runtime.advance(2000);
    await workshop.until(Promise.all([one.caughtUp(), two.caughtUp()]));
    expect([one, two].map((worker) => worker.status().tasks.length)).toEqual([1, 1]);
    const expected = ['a', 'b', 'c', 'd'].flatMap((key) => [1, 2, 3].map((n) => `${key}${n}`));
    expect((await workshop.values('out')).sort()).toEqual(expected);
  });
});

it('the requests of one transaction all come after the end of the one before', async () => {
  const workshop = new Workshop();
  const sent: string[] = [];
  let pending = 0;
  const progress = { taken: () => 0, atBegin: 0, beside: 0 };
  const worker = await workshop.start(counting(), {
    commitInterval: '10ms',
    intercept: async ({ api }, go) => {
      if (!writes.some((own) => own === api)) return go();
      sent.push(api);
      pending += 1;
      expect(pending).toBe(1);
      await workshop.runtime.scheduler.sleep(4);
      const answer = await go();
      if (api === 'commit') progress.beside += progress.taken() - progress.atBegin;
      progress.atBegin = progress.taken();
      pending -= 1;
      return answer;
    },
  });
  progress.taken = () => worker.status().recordsIn;
  // The manifest was produced before.
  sent.length = 0;
  for (let time = 0; time < 50; time += 1) {
    await workshop.feed('in', textRecords(['a=1', 'b=1'], time));
    await workshop.runtime.advance(3);
  }
  await workshop.until(worker.caughtUp());
  const transactions = sent
    .join(' ')
    .split(' commit')
    .filter((text) => text !== '');
  expect(transactions.length).toBeGreaterThan(5);
  for (const text of transactions) expect(text.trim()).toBe('produce produce send-offsets');
  expect(progress.beside).toBeGreaterThan(10);
  const last = (await workshop.values('out')).slice(-2).sort();
  expect(last).toEqual(['a50', 'b50']);
});
