import { describe, expect, it } from 'vitest';
import {
  LogError,
  onUpdate,
  StoreError,
  string,
  TopologyBuilder,
  type Worker,
} from '../../../src/index.ts';
import type { LocalState } from '../../../src/core/task/state-port.ts';
import { survivingState } from '../../support/surviving-state.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';
import { overriding } from '../../torture/overriding.ts';
import { mappingStates } from '../../torture/ports.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words
    .groupByKey()
    .count({ name: 'counts', emit: onUpdate() })
    .toStream()
    .mapValues((count, key) => `${key}${count}`, { value: string() })
    .to('out');
  return builder.build();
}

/** Feeds in two halves with the trouble between them; each record counts once. */
async function countsThrough(workshop: Workshop, worker: Worker, makeTrouble: () => void) {
  await workshop.feed('in', textRecords(['a=1', 'b=1']));
  await workshop.until(worker.caughtUp());
  makeTrouble();
  await workshop.feed('in', textRecords(['a=1', 'a=1']));
  await workshop.until(worker.caughtUp());
  return workshop.values('out');
}

const eachOnce = ['a1', 'b1', 'a2', 'a3'];

describe('a worker goes back to its last commit', () => {
  for (const api of ['produce', 'send-offsets', 'commit', 'init-producer']) {
    it(`when '${api}' fails, and counts each record once`, async () => {
      const workshop = new Workshop();
      // A producer is opened anew only after something else has failed: a commit.
      const failing = new Set<string>();
      const worker = await workshop.start(counting(), {
        intercept: async (request, go) => {
          if (!failing.delete(request.api)) return go();
          throw new LogError('retriable', 'INJECTED_FAULT', 'Not now.');
        },
      });
      const out = await countsThrough(workshop, worker, () => {
        failing.add(api).add('commit');
      });
      expect(out).toEqual(eachOnce);
      const { recoveries, lastRecovery } = worker.status();
      expect([recoveries, lastRecovery]).toEqual([api === 'commit' ? 1 : 2, 'INJECTED_FAULT']);
    });
  }

  it('when its transaction timed out', async () => {
    const workshop = new Workshop();
    let isSlow = false;
    const worker = await workshop.start(counting(), {
      intercept: async ({ api }, go) => {
        if (isSlow && api === 'commit') {
          isSlow = false;
          await workshop.runtime.scheduler.sleep(3_000);
          // Who looks at the log ends what is over.
          await workshop.log.admin.describeTopics(['out']);
        }
        return go();
      },
    });
    const out = await countsThrough(workshop, worker, () => {
      isSlow = true;
    });
    expect(out).toEqual(eachOnce);
    expect(worker.status().lastRecovery).toBe('PRODUCER_FENCED');
  });

  for (const code of ['STORE_IO', 'STORE_DAMAGED'] as const) {
    it(`when the local state fails with ${code}, and restores what is missing`, async () => {
      const workshop = new Workshop();
      let isBroken = false;
      const breaking = (state: LocalState) =>
        overriding(state, {
          write: (position) => {
            if (!isBroken) return state.write(position);
            isBroken = false;
            throw new StoreError(code, 'The disk is bad.');
          },
        });
      const state = mappingStates(survivingState(), breaking);
      const worker = await workshop.start(counting(), { state });
      const out = await countsThrough(workshop, worker, () => {
        isBroken = true;
      });
      expect(out).toEqual(eachOnce);
      const { lastRecovery, restoredRecords } = worker.status();
      expect([lastRecovery, restoredRecords]).toEqual([code, 1]);
    });
  }

  it('and a restore that fails is tried again', async () => {
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['a=1']));
    const first = await workshop.start(counting(), { instanceId: 'one' });
    await workshop.until(first.caughtUp());
    await workshop.until(first.close());
    let failures = 3;
    const second = await workshop.start(counting(), {
      instanceId: 'one',
      intercept: async ({ api }, go) => {
        if (api !== 'committed-offsets' || failures === 0) return go();
        failures -= 1;
        throw new LogError('retriable', 'INJECTED_FAULT', 'Not now.');
      },
    });
    await workshop.feed('in', textRecords(['a=1']));
    await workshop.until(second.caughtUp());
    expect(await workshop.values('out')).toEqual(['a1', 'a2']);
    expect(failures).toBe(0);
  });
});

it('caughtUp waits for a recovery that is under way', async () => {
  const workshop = new Workshop();
  let failsNext = false;
  const worker = await workshop.start(counting(), {
    intercept: async ({ api }, go) => {
      if (api === 'init-producer') await workshop.runtime.scheduler.sleep(2_000);
      if (api !== 'commit' || !failsNext) return go();
      failsNext = false;
      throw new LogError('retriable', 'INJECTED_FAULT', 'Not now.');
    },
  });
  await workshop.until(worker.caughtUp());
  failsNext = true;
  await workshop.feed('in', textRecords(['a=1']));
  await workshop.runtime.advance(500);
  expect(worker.status().recoveries).toBe(1);
  await workshop.until(worker.caughtUp());
  expect(await workshop.values('out')).toEqual(['a1']);
});

it('caughtUp rejects with what stops the worker', async () => {
  const workshop = new Workshop();
  let isOver = false;
  const worker = await workshop.start(counting(), {
    intercept: async ({ api }, go) => {
      if (!isOver || api !== 'commit') return go();
      throw new LogError('fatal', 'LOG_IO', 'The log is broken.');
    },
  });
  isOver = true;
  await workshop.feed('in', textRecords(['a=1']));
  await expect(workshop.until(worker.caughtUp())).rejects.toMatchObject({ code: 'LOG_IO' });
  await expect(workshop.until(worker.close())).rejects.toMatchObject({ code: 'LOG_IO' });
  expect(workshop.coordinator.describe('app').memberIds).toEqual([]);
});

it('a last commit that is refused leaves the work to the next worker', async () => {
  const workshop = new Workshop();
  let isClosing = false;
  const first = await workshop.start(counting(), {
    commitInterval: '1 hour',
    intercept: async ({ api }, go) => {
      if (!isClosing || api !== 'commit') return go();
      throw new LogError('retriable', 'INJECTED_FAULT', 'Not now.');
    },
  });
  await workshop.until(first.caughtUp());
  await workshop.feed('in', textRecords(['a=1']));
  await workshop.runtime.advance(1_000);
  isClosing = true;
  await workshop.until(first.close());
  expect(await workshop.values('out')).toEqual([]);
  const second = await workshop.start(counting());
  await workshop.until(second.caughtUp());
  expect(await workshop.values('out')).toEqual(['a1']);
});
