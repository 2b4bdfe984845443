import type { Topology } from '../../src/index.ts';
import type { CaseRecord } from '../conformance/case-file.ts';
import type { Step } from '../simulation/scenario.ts';
import { SimulatedCluster } from '../simulation/simulated-cluster.ts';
import { feed, readAll } from '../support/log-records.ts';
import type { OutputRecord } from '../support/operator-driver.ts';

const places = 3;
const someFaults = { delay: 0.05, fail: 0.02, loseAnswer: 0.02 };

export interface ClusterPlay {
  readonly topology: Topology;
  readonly records: readonly CaseRecord[];
  readonly outputTopics: readonly string[];
  readonly happenings: readonly Step[];
  readonly seed: number;
}

/** What workers on virtual time leave in the outputs while they are started, closed and killed. */
export async function inCluster(
  play: ClusterPlay,
): Promise<ReadonlyMap<string, readonly OutputRecord[]>> {
  const { topology, records, outputTopics, happenings, seed } = play;
  const cluster = new SimulatedCluster({
    seed,
    topology,
    guarantee: 'exactly-once',
    rates: someFaults,
    partitions: 1,
    outputs: outputTopics,
  });
  const sources = topology.nodes.flatMap((node) => (node.type === 'source' ? [node.topic] : []));
  const stores = topology.subTopologies.flatMap((part) => part.stores);
  const compacted = stores.flatMap(({ changelogTopic }) => changelogTopic ?? []);
  await cluster.log.admin.createTopics(
    compacted.map((topic) => ({ topic, partitions: 1, cleanup: 'compact', settings: {} })),
  );
  for (const topic of sources) {
    await feed(
      cluster.log,
      topic,
      records.filter((record) => record.topic === topic),
    );
  }
  cluster.act('start', 0);
  for (const happening of happenings) {
    if (happening.kind === 'advance') await cluster.advance(happening.durationMs);
    // All input is there from the beginning.
    else if (happening.kind !== 'feed') cluster.act(happening.kind, happening.place);
  }
  await cluster.settle(places);
  const outputs = new Map<string, readonly OutputRecord[]>();
  for (const topic of outputTopics) outputs.set(topic, await decoded(topology, cluster, topic));
  return outputs;
}

async function decoded(topology: Topology, { log }: SimulatedCluster, topic: string) {
  const sink = topology.nodes.find((node) => node.type === 'sink' && node.topic === topic);
  if (sink?.type !== 'sink') throw new Error(`Nothing writes '${topic}'.`);
  return (await readAll(log, topic)).map(({ key, value, timestamp }) => ({
    key: key === null ? null : sink.key.deserialize(key),
    value: value === null ? null : sink.value.deserialize(value),
    timestamp,
  }));
}
