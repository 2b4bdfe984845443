import type { Change } from '../../core/model/record.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { Partitioner, PlanNode } from '../../core/topology/plan.ts';
import type { Draft } from './draft.ts';
import { encodedBytes } from './encoded-bytes.ts';
import { type LeftHalf, resolving, resultOf, subscribing } from './foreign-key-left.ts';
import {
  type Answer,
  answerSerde,
  type Subscription,
  subscriptionSerde,
} from './foreign-key-messages.ts';
import { answering, receiving, type RightHalf } from './foreign-key-right.ts';
import { operatorNode } from './node.ts';
import { passingOn } from './pass-on.ts';
import { repartitioned, type RepartitionSpec } from './repartition-node.ts';

export interface ForeignKeyPlan<K, Left, KRight, Right, VOut> {
  readonly kind: string;
  readonly name: string;
  readonly leftTable: PlanNode;
  readonly rightValue: Serde<Right>;
  readonly partitioner: Partitioner<KRight, null> | undefined;
  readonly left: Omit<LeftHalf<K, Left, KRight, Right, VOut>, 'subscriptions' | 'results'>;
  readonly right: RightHalf<KRight>;
}

/** Adds both halves and the two topics between them; gives the table of results. */
export function foreignKeyNodes<K, Left, KRight, Right, VOut>(
  draft: Draft,
  plan: ForeignKeyPlan<K, Left, KRight, Right, VOut>,
): PlanNode {
  const { kind, name } = plan;
  const { rightKey, rows } = plan.left;
  const left = { ...plan.left, subscriptions: `${name}-subscriptions`, results: name };
  const subscribe = draft.add(
    operatorNode<K, Change<Left>, K | Uint8Array, Change<VOut> | Subscription>({
      kind: `${kind}-subscribe`,
      name: `${name}-subscribe`,
      parents: [plan.leftTable],
      stores: [rows],
      changesKey: true,
      createProcessor: (context) => subscribing(context, left),
    }),
  );
  const subscriptions = messages(draft, [subscribe], {
    kind: 'subscriptions',
    name: left.subscriptions,
    key: encodedBytes(rightKey),
    value: subscriptionSerde,
    partitioner: ofEncodedKeys(plan.partitioner, rightKey),
  });
  const answers = answersOf(draft, plan, subscriptions);
  const resolve = draft.add(
    operatorNode<Uint8Array, Answer<Right>, K, Change<VOut>>({
      kind: `${kind}-resolve`,
      name: `${name}-resolve`,
      parents: [answers],
      stores: [rows],
      changesKey: true,
      createProcessor: (context) => resolving(context, left),
    }),
  );
  return draft.add(
    operatorNode<K, Change<VOut>, K, Change<VOut>>({
      kind,
      name,
      parents: [subscribe, resolve],
      stores: [rows],
      table: {
        notVisible: null,
        open(context) {
          const store = context.store(rows);
          return (looked) => resultOf(store.get(looked as K)); // a key of this table
        },
      },
      createProcessor: passingOn,
    }),
  );
}

/** The right half: it answers subscriptions and, of each changed row, the subscribers. */
function answersOf<K, Left, KRight, Right, VOut>(
  draft: Draft,
  plan: ForeignKeyPlan<K, Left, KRight, Right, VOut>,
  subscriptions: PlanNode,
): PlanNode {
  const { kind, name, right } = plan;
  const { subscribers } = right;
  const receive = draft.add(
    operatorNode<Uint8Array, Subscription, Uint8Array, Answer<Right>>({
      kind: `${kind}-receive`,
      name: `${name}-receive`,
      parents: [subscriptions],
      lookups: [right.table],
      stores: [subscribers],
      changesKey: true,
      createProcessor: (context) => receiving(context, right),
    }),
  );
  const answer = draft.add(
    operatorNode<KRight, Change<Right>, Uint8Array, Answer<Right>>({
      kind: `${kind}-answer`,
      name: `${name}-answer`,
      parents: [right.table],
      stores: [subscribers],
      changesKey: true,
      createProcessor: (context) => answering(context, right),
    }),
  );
  return messages(draft, [receive, answer], {
    kind: 'answers',
    name: `${name}-answers`,
    key: encodedBytes(plan.left.key),
    value: answerSerde(plan.rightValue),
    partitioner: toSubscriber,
    isAddressed: true,
  });
}

/** A topic that carries messages, under its own name. */
function messages(
  draft: Draft,
  writers: readonly [PlanNode, ...PlanNode[]],
  spec: RepartitionSpec & { readonly key: Serde<unknown>; readonly value: Serde<unknown> },
): PlanNode {
  const [node, ...others] = writers;
  const from = { draft, node, key: null, value: null, isKeyChanged: true };
  return repartitioned(from, { ...spec, topicName: spec.name, writers: others }).node;
}

/** Back to the task that asked: the answer names its partition. */
const toSubscriber: Partitioner = Object.freeze<Partitioner>({
  name: 'to-subscriber',
  partition: (_key, value) => (value as Answer<unknown>).partition, // what the topic carries
});

function ofEncodedKeys<KRight>(
  partitioner: Partitioner<KRight, null> | undefined,
  serde: Serde<KRight>,
): Partitioner | undefined {
  if (partitioner === undefined) return undefined;
  return {
    name: partitioner.name,
    partition(key, _value, partitions) {
      const decoded = serde.deserialize(key as Uint8Array); // what the topic carries
      return partitioner.partition(decoded, null, partitions);
    },
  };
}
