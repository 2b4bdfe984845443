import { noHeaders } from '../../core/model/headers.ts';
import { bytes } from '../../core/serde/bytes.ts';
import { json } from '../../core/serde/json.ts';
import { string } from '../../core/serde/string.ts';
import { bucketRemoval } from '../../operators/internal/bucket-removal.ts';
import { closedUpTo } from '../../operators/internal/window-time.ts';
import type { KStream } from '../../operators/k-stream.ts';
import { windowStore } from '../../state/store-definitions.ts';
import { boundsOf, type Calendar, graceAfter, type Period } from './periods.ts';
import type { Visit } from './visits.ts';

const nothing = Buffer.alloc(0);

/**
 * The first visit of each user in each period, keyed by what is counted apart. State: one row
 * without a value per user and open period. A visit on a day that is known costs one look-up: when
 * that day's row was put, those of its week and month were there or came with it.
 */
export function firstVisits(
  visits: KStream<string, Visit>,
  { name, calendar }: { readonly name: string; readonly calendar: Calendar },
): KStream<string, Period> {
  const graceMs = graceAfter(calendar, 1);
  const seen = windowStore({ name: `${name}-seen`, key: string(), value: bytes() });
  const firsts = visits.process<string, Period, typeof serdes>(
    {
      name: `${name}-first-visits`,
      stores: [seen],
      create(context) {
        const rows = context.store(seen);
        const bounds = boundsOf(calendar);
        const closedEnd = closedUpTo(context, { graceMs });
        const removal = bucketRemoval(context, graceMs);
        return {
          process(record) {
            const { key, value, timestamp } = record;
            const closedMs = closedEnd();
            const id = visitorId(key, value.of);
            let isLate = true;
            for (const { period, bit, at } of bounds) {
              const { startMs, endMs } = at(timestamp);
              if ((value.open & bit) === 0) continue;
              if (endMs <= closedMs) {
                context.count('late-windows');
                continue;
              }
              isLate = false;
              if (rows.get(id, startMs, endMs) === undefined) {
                rows.put(id, startMs, endMs, { value: nothing, timestamp });
                removal.set(endMs);
                context.forward({ key: value.of, value: period, timestamp, headers: noHeaders });
              } else if (period === 'day') return;
            }
            if (isLate) context.drop(record, 'late');
          },
          onTimer: (timer) => void removal.fire(timer, [rows]),
          onCommit: () => context.advanceClosed(context.streamTimeMs - graceMs),
        };
      },
    },
    serdes,
  );
  return firsts.repartition({ name: `${name}-firsts` });
}

const serdes = { key: string(), value: json<Period>() };

/** The length keeps `a`, `bc` apart from `ab`, `c`. */
function visitorId(user: string, by: string): string {
  return `${by.length}:${by}${user}`;
}
