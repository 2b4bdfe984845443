import {
  type Topology,
  TopologyBuilder,
  json,
  onClose,
  onUpdate,
  string,
  tumbling,
} from '../../src/index.ts';

export const application = 'torture';
export const clicksTopic = 'clicks';
export const peopleTopic = 'people';

/**
 * Topics whose records must be the same in the same order, and those where the last per key must.
 */
export const orderedOutputs = ['visits', 'per-person'];
export const finalOutputs = ['per-city', 'per-page'];

export interface Click {
  readonly page: string;
  readonly amount: number;
}

export interface Person {
  readonly name: string;
  readonly city: string;
}

export interface Visit extends Click {
  readonly city: string;
}

interface Total {
  readonly visits: number;
  readonly amount: number;
}

interface PersonTotal extends Total {
  readonly city: string;
}

const noTotal: PersonTotal = { visits: 0, amount: 0, city: '' };

/**
 * A table join and a window with a short grace, whose late drops depend on the order of the input
 * alone; then repartitions, behind which tasks interleave: there the grace is longer than the
 * input's event time and the aggregates take their records in any order.
 */
export function tortureTopology(): Topology {
  const builder = new TopologyBuilder(application);
  const people = builder.table(peopleTopic, {
    name: 'people',
    key: string(),
    value: json<Person>(),
  });
  const visits = builder
    .stream(clicksTopic, { key: string(), value: json<Click>() })
    .join(people, visitOf, { value: json<Visit>() });
  visits.to('visits');

  const perPerson = visits
    .groupByKey()
    .windowedBy(tumbling('2s', { grace: '1s' }))
    .aggregate({
      name: 'per-person',
      initializer: () => noTotal,
      aggregator: withVisit,
      value: json<PersonTotal>(),
      emit: onClose(),
    })
    .toStream();
  // Windowed keys are partitioned by their person, so a partition has one writer, hence one order.
  perPerson.to('per-person');

  perPerson
    // A table's stream has null for deleted rows; these windows are never deleted.
    .mapValues((total) => total ?? noTotal, { value: json<PersonTotal>() })
    .groupBy(({ city }) => city, { name: 'by-city', key: string() })
    .windowedBy(tumbling('1 minute', { grace: '365 days' }))
    .aggregate({
      name: 'per-city',
      initializer: () => ({ visits: 0, amount: 0 }),
      aggregator: withTotal,
      value: json<Total>(),
      emit: onUpdate(),
    })
    .toStream()
    .selectKey((_total, { key, startMs }) => `${key}@${startMs}`, { key: string() })
    .to('per-city');

  visits
    .groupBy(({ page }) => page, { name: 'by-page', key: string() })
    .count({ name: 'per-page', emit: onUpdate() })
    .toStream()
    .to('per-page');
  return builder.build();
}

/** User topics first: once they are processed, repartition topics get no more records. */
export function topicsToRead(topology: Topology): readonly string[] {
  const inputs = topology.subTopologies.flatMap((subTopology) => subTopology.inputs);
  const rankOf = (type: string) => (type === 'source' ? 0 : 1);
  const inOrder = [...inputs].sort((a, b) => rankOf(a.node.type) - rankOf(b.node.type));
  return inOrder.map(({ topic }) => topic);
}

function visitOf({ page, amount }: Click, { city }: Person): Visit {
  return { page, amount, city };
}

function withVisit({ visits, amount }: PersonTotal, visit: Visit): PersonTotal {
  return { visits: visits + 1, amount: amount + visit.amount, city: visit.city };
}

function withTotal({ visits, amount }: Total, more: Total): Total {
  return { visits: visits + more.visits, amount: amount + more.amount };
}
