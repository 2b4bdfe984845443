import { describe, expect, it } from 'vitest';
import {
  type ErrorPolicy,
  json,
  MillraceError,
  string,
  TopologyBuilder,
} from '../../../src/index.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

function failOn(value: string, bad: string): string {
  if (value === bad) throw new Error(`The author's code does not like ${bad}.`);
  return value;
}

function mapping(bad: string) {
  const builder = new TopologyBuilder('app', { deadLetter: 'dead' });
  builder
    .stream('in', { key: string(), value: string() })
    .mapValues((value) => failOn(value, bad), { value: string() })
    .to('out');
  return builder.build();
}

async function failureOf(worker: { readonly finished: Promise<void> }, workshop: Workshop) {
  try {
    await workshop.until(worker.finished);
  } catch (error) {
    if (error instanceof MillraceError) return error;
  }
  throw new Error('It did not fail.');
}

describe("the policy 'fail'", () => {
  it("stops the worker with place and cause: the author's file is in the stack", async () => {
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['k=good', 'k=bad']));
    const worker = await workshop.start(mapping('bad'));
    const error = await failureOf(worker, workshop);
    expect(error.code).toBe('PROCESSING');
    expect(error.where).toMatchObject({ topic: 'in', partition: 0, offset: 1 });
    expect(error.where.node).toMatch(/map-values/);
    expect(error.cause).toBeInstanceOf(Error);
    expect((error.cause as Error).stack).toContain('user-errors.test.ts'); // checked above
    expect(worker.state).toBe('failed');
    await expect(worker.close()).rejects.toBe(error);
  });

  it('commits nothing of the record, and the next start begins with it', async () => {
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['k=good', 'k=bad', 'k=last']));
    const worker = await workshop.start(mapping('bad'), { commitInterval: 1 });
    await failureOf(worker, workshop);
    const before = await workshop.values('out');
    expect(before).not.toContain('bad');
    const mended = await workshop.start(mapping('nothing'));
    await workshop.until(mended.caughtUp());
    expect(await workshop.values('out')).toEqual(['good', 'bad', 'last']);
  });

  it('leaves the group at once, so that nobody waits for the session to end', async () => {
    const workshop = new Workshop();
    const worker = await workshop.start(mapping('bad'));
    await workshop.feed('in', textRecords(['k=bad']));
    await failureOf(worker, workshop);
    expect(workshop.coordinator.describe('app').memberIds).toEqual([]);
  });
});

describe('onError', () => {
  const answers: Record<ErrorPolicy, readonly [string[], string[]]> = {
    drop: [['good', 'last'], []],
    'dead-letter': [['good', 'last'], ['bad']],
    fail: [[], []],
  };
  for (const [policy, [out, dead]] of Object.entries(answers)) {
    it(`decides before the policy of the node: '${policy}'`, async () => {
      const workshop = new Workshop();
      await workshop.feed('in', textRecords(['k=good', 'k=bad', 'k=last']));
      const seen: string[] = [];
      const worker = await workshop.start(mapping('bad'), {
        commitInterval: '1 hour',
        onError: (error, stage) => {
          seen.push(`${stage} ${error.code}`);
          return policy as ErrorPolicy; // a key of the table
        },
      });
      if (policy === 'fail') await failureOf(worker, workshop);
      else await workshop.until(worker.caughtUp());
      expect(seen).toEqual(['processing PROCESSING']);
      expect(await workshop.values('out')).toEqual(out);
      expect(await workshop.values('dead')).toEqual(dead);
    });
  }

  it('leaves it to the policy of the node when it answers null', async () => {
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', { key: string(), value: json<string>(), onError: 'drop' })
      .mapValues((value) => value, { value: string() })
      .to('out');
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['k=no json', 'k="good"']));
    const worker = await workshop.start(builder.build(), { onError: () => null });
    await workshop.until(worker.caughtUp());
    expect(await workshop.values('out')).toEqual(['good']);
    const status = worker.status();
    expect(status.dropped).toEqual({ deserialization: 1 });
    expect(Object.entries(status.droppedByNode)).toEqual([
      [expect.stringMatching(/^\S+ deserialization$/), 1],
    ]);
    expect([status.forced, status.progressDifferences]).toEqual([0, 0]);
  });

  it("counts as 'fail' when it throws", async () => {
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['k=bad']));
    const worker = await workshop.start(mapping('bad'), {
      onError: () => {
        throw new Error('Even the handler fails.');
      },
    });
    expect((await failureOf(worker, workshop)).code).toBe('PROCESSING');
  });
});

describe('a topic that the record chooses', () => {
  function choosing() {
    const builder = new TopologyBuilder('app');
    const words = builder.stream('in', { key: string(), value: string() });
    words.to((value) => value, {});
    return builder.build();
  }

  it('is looked up when the first record comes, and no record is lost or doubled', async () => {
    const workshop = new Workshop({ partitions: 2 });
    await workshop.feed('in', textRecords(['a=x', 'b=y', 'c=x']));
    const worker = await workshop.start(choosing());
    await workshop.until(worker.caughtUp());
    expect([await workshop.values('x'), await workshop.values('y')]).toEqual([['x', 'x'], ['y']]);
  });

  it('stops the worker when it does not exist', async () => {
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['a=other-no-such-changelog']));
    const worker = await workshop.start(choosing());
    const error = await failureOf(worker, workshop);
    expect(error.code).toBe('TOPIC_MISSING');
    expect(error.message).toContain("'other-no-such-changelog'");
  });
});
