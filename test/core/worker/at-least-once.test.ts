import { describe, expect, it } from 'vitest';
import { LogError, onUpdate, string, TopologyBuilder } from '../../../src/index.ts';
import { survivingState } from '../../support/surviving-state.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

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

const guarantee = 'at-least-once';

describe('at least once', () => {
  it('without trouble each record counts once, over a restart too', async () => {
    const workshop = new Workshop();
    const state = survivingState();
    await workshop.feed('in', textRecords(['a=1', 'a=1']));
    const first = await workshop.start(counting(), { guarantee, state });
    await workshop.until(first.caughtUp());
    await workshop.until(first.close());
    await workshop.feed('in', textRecords(['a=1']));
    const second = await workshop.start(counting(), { guarantee, state });
    await workshop.until(second.caughtUp());
    expect(await workshop.values('out')).toEqual(['a1', 'a2', 'a3']);
    expect(second.status().restoredRecords).toBe(0);
  });

  it('opens no transaction', async () => {
    const workshop = new Workshop();
    const apis = new Set<string>();
    const worker = await workshop.start(counting(), {
      guarantee,
      intercept: ({ api }, go) => {
        apis.add(api);
        return go();
      },
    });
    await workshop.feed('in', textRecords(['a=1']));
    await workshop.until(worker.caughtUp());
    expect(apis.has('produce')).toBe(true);
    expect(apis.has('commit')).toBe(false);
  });

  it('offsets follow the outputs: a death in between repeats records and loses none', async () => {
    const workshop = new Workshop();
    const state = survivingState();
    const process = workshop.runtime.createProcess();
    let diesNext = false;
    const first = await workshop.start(counting(), {
      guarantee,
      state,
      process,
      instanceId: 'mortal',
      intercept: async ({ api }, go) => {
        const answer = await go();
        // What was produced first are outputs and changelogs; the progress row comes after.
        if (diesNext && api === 'produce') process.suspend();
        if (diesNext && api === 'produce') await process.scheduler.sleep(1);
        return answer;
      },
    });
    await workshop.until(first.caughtUp());
    diesNext = true;
    await workshop.feed('in', textRecords(['a=1', 'b=1']));
    await workshop.runtime.advance(500);
    expect(await workshop.values('out')).toEqual(['a1', 'b1']);

    const second = await workshop.start(counting(), { guarantee, state, instanceId: 'mortal' });
    await workshop.feed('in', textRecords(['b=1']));
    await workshop.until(second.caughtUp());
    // The state went back with the progress row, so the repeated records give the same counts.
    expect(await workshop.values('out')).toEqual(['a1', 'b1', 'a1', 'b1', 'b2']);
  });

  it('offsets that were not committed for the progress row are committed later', async () => {
    const workshop = new Workshop();
    let failsNext = false;
    const worker = await workshop.start(counting(), {
      guarantee,
      intercept: async ({ api }, go) => {
        if (!failsNext || api !== 'send-offsets') return go();
        failsNext = false;
        throw new LogError('retriable', 'INJECTED_FAULT', 'Not now.');
      },
    });
    await workshop.until(worker.caughtUp());
    failsNext = true;
    await workshop.feed('in', textRecords(['a=1', 'b=1']));
    await workshop.until(worker.caughtUp());
    const committed = workshop.broker.committedOffsets('app', [{ topic: 'in', partition: 0 }]);
    expect(committed[0]?.offset).toBe(2);
    expect(await workshop.values('out')).toEqual(['a1', 'b1']);
  });
});
