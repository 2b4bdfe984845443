import { expectTypeOf } from 'vitest';
import {
  json,
  type KStream,
  type MatchedEvent,
  type PatternStep,
  string,
  TopologyBuilder,
} from '../../src/index.ts';

interface View {
  readonly type: 'view';
  readonly page: string;
}
interface Order {
  readonly type: 'order';
  readonly total: number;
}
type Click = View | Order;

const builder = new TopologyBuilder('types');
const clicks = builder.stream('clicks', { key: string(), value: json<Click>() });
const isView = (click: Click): click is View => click.type === 'view';
const isOrder = (click: Click): click is Order => click.type === 'order';

// A match has each step by its name; a type guard narrows the event.
const bought = clicks.pattern({
  name: 'bought',
  steps: [
    { as: 'view', where: isView },
    { as: 'any', where: (click, user) => click.type.length > user.length },
    { as: 'order', where: isOrder },
  ],
  within: '1 hour',
  timedOut: (stream) => {
    expectTypeOf(stream).toEqualTypeOf<
      KStream<string, { readonly view: MatchedEvent<View>; readonly any?: MatchedEvent<Click> }>
    >();
  },
  late: (stream) => {
    expectTypeOf(stream).toEqualTypeOf<KStream<string, Click>>();
  },
});
expectTypeOf(bought).toEqualTypeOf<
  KStream<
    string,
    {
      readonly view: MatchedEvent<View>;
      readonly any: MatchedEvent<Click>;
      readonly order: MatchedEvent<Order>;
    }
  >
>();
bought.mapValues(({ view, order }) => `${view.value.page} ${order.value.total} ${order.timestamp}`);
// @ts-expect-error no step is called so
bought.mapValues(({ buy }) => String(buy));
clicks.pattern({
  name: 'x',
  steps: [
    { as: 'view', where: isView },
    { as: 'order', where: isOrder },
  ],
  within: 1,
  // @ts-expect-error the last event has not come
  timedOut: (stream) => stream.mapValues(({ order }) => String(order)),
});

// Steps made at run time have any names.
const steps: readonly PatternStep<string, Click>[] = [];
expectTypeOf(clicks.pattern({ name: 'made', steps, within: 1 })).toEqualTypeOf<
  KStream<string, { readonly [name: string]: MatchedEvent<Click> }>
>();

// @ts-expect-error a state has a name
clicks.pattern({ steps: [{ as: 'a', where: isView }], within: 1 });
// @ts-expect-error a time is due
clicks.pattern({ name: 'x', steps: [{ as: 'a', where: isView }] });
clicks.pattern({
  name: 'x',
  // @ts-expect-error values are no numbers
  steps: [{ as: 'a', where: (value: number) => value > 1 }],
  within: 1,
});
// @ts-expect-error the events are kept: what `mapValues` made needs a serde
clicks.mapValues((click) => click.type).pattern({ name: 'x', steps: [], within: 1 });
clicks
  .mapValues((click) => click.type)
  .pattern({
    name: 'x',
    steps: [{ as: 'a', where: (type) => type === 'view' }],
    within: 1,
    value: json<Click['type']>(),
  });
