import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type KStream, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';

interface Sent {
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

/** What leaves for a record, and why it did not. */
type Answer = readonly [out: readonly Sent[], reason?: string];

type Words = KStream<string | null, string | null>;

const sentRecord: fc.Arbitrary<Sent> = fc.record({
  key: fc.constantFrom('a', 'b', 'a', 'b', null),
  value: fc.constantFrom('x', 'y', null),
  timestamp: fc.nat(60),
});

/** Runs the operator and, beside it, a law that is told each record with stream time and index. */
function holds(
  operator: (words: Words) => Words,
  law: () => (record: Sent, streamTime: number) => Answer,
): void {
  const builder = new TopologyBuilder('property');
  const serdes = { key: string(), value: string(), maxFuture: 'off', tombstones: 'keep' } as const;
  operator(builder.stream('in', serdes)).to('out');
  const topology = builder.build();
  const property = fc.property(stepsOf(sentRecord), (steps) => {
    const driver = new TopologyTestDriver(topology, { commit: 'manual' });
    const { sent, dropped } = play(driver, steps);
    const step = law();
    let streamTime = 0;
    const answers = sent.map((record) => {
      streamTime = Math.max(streamTime, record.timestamp);
      return step(record, streamTime);
    });
    expect(readPlain(driver, 'out')).toEqual(answers.flatMap(([out]) => out));
    expect(dropped).toEqual(answers.flatMap(([, reason]) => reason ?? []));
  });
  fc.assert(property, propertyOptions(60));
}

it.each([
  [10, 10],
  [7, 0],
  [4, 30],
])('deduplicate within %i, grace %i: nothing of an identity is near another', (within, grace) => {
  holds(
    (words) => words.deduplicate({ name: 'once', within, grace }),
    () => {
      const accepted: Sent[] = [];
      return (record, streamTime) => {
        const { key, timestamp } = record;
        if (key === null) return [[], 'null-key'];
        if (streamTime > timestamp + grace) return [[], 'late'];
        const isNear = (one: Sent) => Math.abs(one.timestamp - timestamp) < within;
        if (accepted.some((one) => one.key === key && isNear(one))) return [[], 'duplicate'];
        accepted.push(record);
        return [[record]];
      };
    },
  );
});

it('distinctUntilChanged: no two of a key that follow one another are equal', () => {
  holds(
    (words) => words.distinctUntilChanged({ name: 'changes' }),
    () => {
      const passed: Sent[] = [];
      return (record) => {
        if (record.key === null) return [[], 'null-key'];
        const last = passed.findLast(({ key }) => key === record.key)?.value ?? null;
        if (last === record.value) return [[]];
        passed.push(record);
        return [[record]];
      };
    },
  );
});

interface Waiting {
  readonly record: Sent;
  readonly due: number;
}

/** Takes out what is due: by time, then key (null first), then arrival. */
function takeDue(waiting: Waiting[], streamTime: number): readonly Sent[] {
  const due = waiting.filter((one) => one.due <= streamTime);
  waiting.splice(0, waiting.length, ...waiting.filter((one) => one.due > streamTime));
  const place = ({ key }: Sent) => key?.charCodeAt(0) ?? 0;
  due.sort((a, b) => a.due - b.due || place(a.record) - place(b.record));
  return due.map(({ record }) => record);
}

it.each([[0], [5], [23]])('delay by %i: each record once, at its time', (ms) => {
  holds(
    (words) => words.delay(ms, { name: 'later' }),
    () => {
      const waiting: Waiting[] = [];
      return (record, streamTime) => {
        const before = takeDue(waiting, streamTime);
        waiting.push({ record, due: record.timestamp + ms });
        return [[...before, ...takeDue(waiting, streamTime)]];
      };
    },
  );
});

it.each([
  [1, 10, 0],
  [2, 15, 0],
  [1, 4, 9],
  [3, 20, 50],
])('rateLimit %i per %i, waiting %i: the first time with room', (limit, per, maxDelay) => {
  holds(
    (words) => words.rateLimit({ name: 'calm', limit, per, maxDelay }),
    () => {
      const passing: Waiting[] = [];
      const waiting: Waiting[] = [];
      return (record, streamTime) => {
        const before = takeDue(waiting, streamTime);
        if (record.key === null) return [before, 'null-key'];
        const own = passing.filter((one) => one.record.key === record.key);
        const isFree = (at: number) => {
          const near = own.filter((one) => one.due > at - per);
          return near.length < limit;
        };
        let due = streamTime;
        while (!isFree(due)) due += 1;
        if (due - streamTime > maxDelay) return [before, 'rate-limit'];
        passing.push({ record, due });
        if (due === streamTime) return [[...before, record]];
        waiting.push({ record, due });
        return [before];
      };
    },
  );
});
