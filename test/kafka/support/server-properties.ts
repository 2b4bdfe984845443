import { join } from 'node:path';
import type { Certificates } from './certificates.ts';

export interface Listener {
  readonly name: string;
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_SSL' | 'SASL_PLAINTEXT';
  readonly port: number;
  /** Null: clients are not told of it. */
  readonly advertised: string | null;
}

export interface NodePlan {
  readonly id: number;
  readonly directory: string;
  readonly listeners: readonly Listener[];
}

export interface ClusterPlan {
  readonly nodes: readonly NodePlan[];
  readonly certificates: Certificates | null;
  /** Beside and above those in here. */
  readonly settings: Readonly<Record<string, string>>;
}

export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Users of the listeners with passwords: alice and bob with PLAIN, carol with SCRAM. */
export const passwords = { alice: 'alice-pw', bob: 'bob-pw', carol: 'carol-pw' } as const;

/** Of a node that is broker and controller at once. */
export function serverProperties(node: NodePlan, cluster: ClusterPlan): string {
  const { certificates, settings, nodes } = cluster;
  return Object.entries({
    ...places(node, nodes),
    ...replication(nodes.length),
    ...promptness,
    ...(certificates === null ? {} : security(certificates)),
    ...settings,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function places(node: NodePlan, nodes: readonly NodePlan[]): Settings {
  const { id, directory, listeners } = node;
  const advertised = listeners.filter((listener) => listener.advertised !== null);
  const voters = nodes.map((voter) => {
    const controller = voter.listeners.find(({ name }) => name === 'CONTROLLER');
    return `${voter.id}@127.0.0.1:${controller?.port}`;
  });
  return {
    'process.roles': 'broker,controller',
    'node.id': id,
    'broker.rack': `r${id}`,
    'log.dirs': join(directory, 'data'),
    'controller.quorum.voters': voters.join(','),
    listeners: listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`).join(','),
    'advertised.listeners': advertised.map((one) => `${one.name}://${one.advertised}`).join(','),
    'listener.security.protocol.map': listeners
      .map(({ name, protocol }) => `${name}:${protocol}`)
      .join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
  };
}

function replication(nodes: number): Settings {
  const replicas = Math.min(nodes, 3);
  const inSync = Math.min(replicas, 2);
  return {
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 3,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 3,
  };
}

/** Times are short, so that tests of deaths are; memory and files are small. */
const promptness: Settings = {
  'auto.create.topics.enable': false,
  // Inputs carry timestamps of long ago.
  'log.retention.ms': -1,
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1000,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
  'broker.session.timeout.ms': 3000,
  'broker.heartbeat.interval.ms': 500,
  'replica.lag.time.max.ms': 5000,
  'controller.quorum.election.timeout.ms': 500,
  'controller.quorum.fetch.timeout.ms': 1000,
  'controlled.shutdown.max.retries': 1,
  'log.cleaner.dedupe.buffer.size': 8_388_608,
  'log.index.size.max.bytes': 1_048_576,
  'num.partitions': 3,
};

function security({ keyStore, trustStore, password }: Certificates): Settings {
  const modules = 'org.apache.kafka.common.security';
  const scram = `${modules}.scram.ScramLoginModule required;`;
  const { alice, bob } = passwords;
  const plain = `${modules}.plain.PlainLoginModule required user_alice="${alice}" user_bob="${bob}";`;
  const mechanisms = ['sasl_ssl', 'sasl_plaintext'].flatMap((listener): [string, string][] => [
    [`listener.name.${listener}.plain.sasl.jaas.config`, plain],
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`, scram],
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`, scram],
  ]);
  return {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': keyStore,
    'ssl.keystore.password': password,
    'ssl.key.password': password,
    'ssl.truststore.type': 'PKCS12',
    'ssl.truststore.location': trustStore,
    'ssl.truststore.password': password,
    'ssl.client.auth': 'none',
    'listener.name.mtls.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...Object.fromEntries(mechanisms),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'allow.everyone.if.no.acl.found': true,
  };
}
