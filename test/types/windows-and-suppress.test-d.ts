import { expectTypeOf } from 'vitest';
import {
  calendar,
  type CalendarWindows,
  type EmitPolicy,
  every,
  json,
  type KTable,
  number,
  onClose,
  string,
  type TimeWindowedKStream,
  type TimeWindows,
  TopologyBuilder,
  tumbling,
  unlimited,
  type Windowed,
} from '../../src/index.ts';

const builder = new TopologyBuilder('types');
const grouped = builder.stream('clicks', { key: string(), value: number() }).groupByKey();

// A calendar needs a zone and a grace; only weeks start on a day.
const days = calendar('day', { zone: 'Europe/Berlin', grace: '1h' });
expectTypeOf(days).toEqualTypeOf<CalendarWindows>();
calendar('week', { zone: 'UTC', grace: 0, weekStart: 'sunday' });
// @ts-expect-error no zone
calendar('day', { grace: 0 });
// @ts-expect-error no grace
calendar('day', { zone: 'UTC' });
// @ts-expect-error no such unit
calendar('hour', { zone: 'UTC', grace: 0 });
// @ts-expect-error days do not start on a weekday
calendar('day', { zone: 'UTC', grace: 0, weekStart: 'sunday' });
// @ts-expect-error no such weekday
calendar('week', { zone: 'UTC', grace: 0, weekStart: 'someday' });
grouped.windowedBy(days).count({ name: 'per-day', emit: onClose() });

// A window that never ends is never final.
const since = grouped.windowedBy(unlimited({ from: 0 }));
expectTypeOf(since).toEqualTypeOf<TimeWindowedKStream<string, number, EmitPolicy>>();
since.count({ name: 'since', emit: every('1s') });
// @ts-expect-error it never closes
since.count({ name: 'final', emit: onClose() });
// @ts-expect-error it never closes
since.reduce((a, b) => a + b, { name: 'final', emit: onClose() });
const anyWindows = (windows: TimeWindows) =>
  grouped.windowedBy(windows).count({ name: 'any', emit: onClose() });
expectTypeOf(anyWindows).returns.toEqualTypeOf<KTable<Windowed<string>, number>>();

// Only windows close.
const users = builder.table('users', {
  name: 'users',
  key: string(),
  value: json<{ n: number }>(),
});
const counts = grouped.windowedBy(tumbling(10, { grace: 0 })).count({ name: 'counts' });
expectTypeOf(users.suppress({ name: 'calm', for: '1s' })).toEqualTypeOf<
  KTable<string, { n: number }>
>();
expectTypeOf(counts.suppress({ name: 'final', until: 'close' })).toEqualTypeOf<
  KTable<Windowed<string>, number>
>();
counts.suppress({ name: 'calm-counts', for: 5, maxKeys: 9, whenFull: 'emit-oldest' });
counts.suppress({ name: 'bounded', until: 'close', maxKeys: 9, whenFull: 'fail' });
// @ts-expect-error no row would be final
counts.suppress({ name: 'early', until: 'close', maxKeys: 9, whenFull: 'emit-oldest' });
// @ts-expect-error the table has no windows
users.suppress({ name: 'never', until: 'close' });
// @ts-expect-error state has a name
users.suppress({ for: 5 });
// @ts-expect-error for how long?
users.suppress({ name: 'calm' });
// @ts-expect-error the value serde is not known
users.mapValues((user) => user.n).suppress({ name: 'numbers', for: 5 });
users.mapValues((user) => user.n).suppress({ name: 'numbers', for: 5, value: number() });
