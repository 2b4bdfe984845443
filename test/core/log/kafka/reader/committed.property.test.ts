import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRecords } from '../../../../../src/core/log/kafka/reader/read-records.ts';
import { PLACE, recordsOf } from '../../../../support/log-fixture.ts';
import { propertyOptions } from '../../../../support/property-options.ts';
import { inTransaction, marker, plain } from './batches.ts';

// Few producers, so that their transactions interleave and each has several.
const step = fc.record({
  producer: fc.nat(2),
  does: fc.constantFrom('write', 'write', 'commit', 'abort', 'write-plainly'),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Written {
  readonly offset: number;
  readonly producer: number;
  readonly does: Step['does'];
  readonly bytes: Buffer;
}

/** A marker where nothing is open ends nothing, as after a commit without records. */
function logOf(steps: readonly Step[]): readonly Written[] {
  return steps.map(({ producer, does }, offset) => {
    const bytes =
      does === 'write'
        ? inTransaction(producer, offset, `k=${offset}`)
        : does === 'write-plainly'
          ? plain(offset, `k=${offset}`)
          : marker(producer, offset, does);
    return { offset, producer, does, bytes };
  });
}

/** Whatever is left open at the end lies behind the last stable offset. */
function stable(log: readonly Written[]): readonly Written[] {
  const open = log.filter((own) => own.does === 'write' && endOf(log, own) === undefined);
  return log.slice(0, open[0]?.offset ?? log.length);
}

function endOf(log: readonly Written[], { producer, offset }: Written): Written | undefined {
  return log.find(
    (later) =>
      later.offset > offset &&
      later.producer === producer &&
      (later.does === 'commit' || later.does === 'abort'),
  );
}

/** As a broker lists them: by their markers, all that end behind the position. */
function abortedOf(log: readonly Written[], from: number) {
  return log.flatMap((end, index) => {
    if (end.does !== 'abort' || end.offset < from) return [];
    const own = log.slice(0, index).filter((w) => w.does === 'write' && endOf(log, w) === end);
    const first = own[0];
    return first === undefined ? [] : [{ producerId: end.producer, firstOffset: first.offset }];
  });
}

/** All transactions end, sooner or later: else little of the log would be stable. */
const ends = fc.shuffledSubarray([
  { producer: 0, does: 'abort' as const },
  { producer: 1, does: 'abort' as const },
  { producer: 2, does: 'commit' as const },
]);

it('exactly what was committed is read, from any position, whatever interleaves', async () => {
  const run = fc.tuple(fc.array(step, { maxLength: 25 }), ends).map((parts) => parts.flat());
  const law = fc.asyncProperty(run, fc.nat(), async (steps, start) => {
    const log = logOf(steps);
    const readable = stable(log);
    const offset = start % (readable.length + 1);
    const due = readable.slice(offset);
    const read = await readRecords(Buffer.concat(due.map(({ bytes }) => bytes)), {
      place: PLACE,
      offset,
      isolation: 'read-committed',
      aborted: abortedOf(log, offset),
      decompress: async (batch) => batch,
    });
    const committed = due.filter(
      (own) =>
        own.does === 'write-plainly' ||
        (own.does === 'write' && endOf(log, own)?.does === 'commit'),
    );
    expect(read.batches.flatMap((batch) => recordsOf(batch))).toEqual(
      committed.map((own) => `${own.offset}:k=${own.offset}`),
    );
    expect(read.nextOffset).toBe(readable.length);
  });
  await fc.assert(law, propertyOptions(300));
});
