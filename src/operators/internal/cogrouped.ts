import type { Serde } from '../../core/serde/serde.ts';
import type { PlanNode } from '../../core/topology/plan.ts';
import type { Handle } from './handle.ts';
import { operatorNode } from './node.ts';
import { passingOn } from './pass-on.ts';
import { repartitioned } from './repartition-node.ts';
import { statelessNode } from './stateless.ts';
import { type Aggregator, checked, type Initializer, type Step } from './steps.ts';

/** One of several grouped streams, and what its values do to the aggregate. */
export interface CogroupInput {
  readonly grouped: Handle;
  readonly aggregator: Aggregator<unknown, unknown, unknown>;
}

/** A value, and the place of its stream among the cogrouped ones. */
export interface Tagged {
  readonly input: number;
  readonly value: unknown;
}

/**
 * All the streams as one, so that any aggregation can read them: each value tagged with its stream.
 * The tag stays inside the task; nothing keeps or writes it.
 */
export function cogrouped(inputs: readonly CogroupInput[], name: string): Handle {
  const tagged = inputs.map(({ grouped }, input) => {
    checkInput(inputs, input, name);
    const from = grouped.isKeyChanged
      ? repartitioned(grouped, { name: `${name}-input-${input}`, kind: 'repartition' })
      : grouped;
    return statelessNode<unknown, unknown, unknown, Tagged | null>(
      from,
      'cogroup-input',
      (context) => ({
        process({ key, value, timestamp, headers }) {
          const own = value === null ? null : { input, value };
          context.forward({ key, value: own, timestamp, headers });
        },
      }),
    );
  });
  const [first] = tagged as [Handle, ...Handle[]]; // the stream that cogroup was called on
  const node = together(
    first,
    tagged.map((handle) => handle.node),
  );
  return { ...first, node, value: null, isKeyChanged: false };
}

function together({ draft }: Handle, parents: readonly PlanNode[]): PlanNode {
  const name = draft.generateName('cogroup');
  const node = operatorNode<unknown, unknown, unknown, unknown>({
    kind: 'cogroup',
    name,
    parents,
    isCopartitioned: true,
    createProcessor: passingOn,
  });
  return draft.add(node);
}

/** Records of one key meet in one task only if their keys have the same bytes and partition. */
function checkInput(inputs: readonly CogroupInput[], input: number, name: string): void {
  const own = (inputs[input] as CogroupInput).grouped; // one of them
  const first = (inputs[0] as CogroupInput).grouped; // there is one at least
  if (own.isKeyChanged) {
    own.draft.problems.push({
      code: 'NAME_MISSING',
      node: name,
      message:
        `stream ${input + 1} of the cogroup '${name}' has a changed key and writes a topic: ` +
        'name it, groupByKey({ name })',
    });
  }
  if (formatOf(own.key) === formatOf(first.key)) return;
  own.draft.problems.push({
    code: 'NOT_COPARTITIONED',
    node: name,
    message:
      `the streams of the cogroup '${name}' write their keys as ${formatOf(first.key)} and as ` +
      `${formatOf(own.key)}, so equal keys lie in different partitions: take one serde for both`,
  });
}

function formatOf(serde: Serde<unknown> | null): string {
  return serde === null ? 'nothing known' : `${serde.format}@${serde.version}`;
}

/** The row goes to the aggregator of the stream that the record came from. */
export function cogroupStep<A>(
  node: string,
  inputs: readonly CogroupInput[],
  initializer: Initializer<A>,
): Step<unknown, Tagged, A> {
  const aggregators = inputs.map(({ aggregator }) => aggregator as Aggregator<unknown, unknown, A>); // of one aggregate, by the handles' types
  return (row, { key, value: { input, value } }) => {
    const before = row === undefined ? checked(node, 'initializer', initializer()) : row.value;
    const aggregator = aggregators[input] as Aggregator<unknown, unknown, A>; // tags are places
    return checked(node, 'aggregator', aggregator(before, value, key));
  };
}

/** The stream of tagged records as those that came in. */
export function untagged(stream: Handle): Handle {
  const handle = statelessNode<unknown, Tagged, unknown, unknown>(
    stream,
    'cogroup-late',
    (context) => ({
      process({ key, value, timestamp, headers }) {
        context.forward({ key, value: value.value, timestamp, headers });
      },
    }),
  );
  return { ...handle, value: null };
}
