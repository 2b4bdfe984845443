import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { runKafkaTool } from './java.ts';
import { kafkaJars } from './kafka-jars.ts';
import { KafkaNode } from './kafka-node.ts';
import { killWithParent } from './kill-with-parent.ts';
import type { ProxyRoute } from './kafka-proxy.ts';
import { type ClusterPlan, type NodePlan, serverProperties } from './server-properties.ts';
import { type SecuredAddresses, planNode, securedAddresses } from './plan-node.ts';
import { untilBrokersAre } from './until-brokers-are.ts';

export interface StartKafkaOptions {
  readonly version: string;
  /** Each of them a controller too. Default 1. */
  readonly brokers?: number;
  /** Of the first listener; the others follow it. Default: ports that are free. */
  readonly port?: number;
  /** One more listener per broker, which tells clients to come through `routes`. */
  readonly proxied?: boolean;
  /** TLS and password listeners, and an authorizer for whom all but ACLs' subjects may do all. */
  readonly secured?: boolean;
  /** Of all brokers, above those that are given. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface KafkaCluster {
  readonly version: string;
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  /** The same as one text. */
  readonly bootstrap: string;
  /** Listen port and target port of a proxy for each broker, with `proxied`. */
  readonly routes: readonly ProxyRoute[];
  /** With `secured`. */
  readonly secured: (SecuredAddresses & Certificates) | null;
  /** Process ids by node id, which counts from 1; those that run. */
  readonly pids: ReadonlyMap<number, number>;
  /** SIGKILL; resolves when the process is gone. */
  kill(nodeId: number): Promise<void>;
  /** Starts it again; resolves when the cluster counts it in. */
  start(nodeId: number): Promise<void>;
  /** One of Kafka's own tools; what it prints. */
  run(toolClass: string, args: readonly string[]): Promise<string>;
  /** All brokers, in order; nothing is left of them. */
  stop(): Promise<void>;
}

/** Resolves when all brokers are ready. They end with this process, however it ends. */
export async function startKafka(options: StartKafkaOptions): Promise<KafkaCluster> {
  const { version, secured = false } = options;
  const jars = await kafkaJars(version);
  const directory = mkdtempSync(join(tmpdir(), 'millrace-kafka-'));
  const watcher = killWithParent(directory);
  const plan = await planOf(options, directory);
  const nodes = new Map(plan.nodes.map((node) => [node.id, nodeOf(node, plan, jars)]));
  const brokers = plan.nodes.map((node) => `127.0.0.1:${node.listeners[0]?.port}`);
  const running = () => {
    const pids = [...nodes].flatMap(([id, { pid }]) => (pid === null ? [] : [[id, pid] as const]));
    return new Map(pids);
  };
  const nodeAt = (nodeId: number): KafkaNode => {
    const node = nodes.get(nodeId);
    if (node === undefined) throw new Error(`There is no node ${nodeId}.`);
    return node;
  };
  const ready = () => untilBrokersAre(brokers, nodes, (ids) => running().size === ids.length);
  const stop = async () => {
    await Promise.all([...nodes.values()].map((node) => node.stop()));
    watcher.stdin?.end();
  };
  try {
    const clusterId = randomBytes(16).toString('base64url');
    await Promise.all([...nodes.values()].map((node) => node.format(clusterId, secured)));
    for (const node of nodes.values()) node.start();
    await ready();
  } catch (error) {
    await Promise.all([...nodes.values()].map((node) => node.kill()));
    watcher.stdin?.end();
    throw error;
  }
  return {
    version,
    brokers,
    bootstrap: brokers.join(','),
    routes: plan.nodes.flatMap(({ route }) => (route === null ? [] : [route])),
    secured: plan.certificates && { ...plan.certificates, ...securedAddresses(plan.nodes) },
    get pids() {
      return running();
    },
    kill: (nodeId) => nodeAt(nodeId).kill(),
    async start(nodeId) {
      nodeAt(nodeId).start();
      // Asks the broker itself: the others take it for alive until its session has ended.
      const own = brokers.slice(nodeId - 1, nodeId);
      await untilBrokersAre(own, nodes, (ids) => ids.includes(nodeId));
    },
    run: (toolClass, args) => runKafkaTool(version, toolClass, args),
    stop,
  };
}

type RoutedNode = NodePlan & { readonly route: ProxyRoute | null };

async function planOf(options: StartKafkaOptions, directory: string) {
  const { brokers = 1, secured = false, proxied = false, port, settings = {} } = options;
  const perNode = 2 + (proxied ? 2 : 0) + (secured ? 4 : 0);
  const count = brokers * perNode;
  const ports =
    port === undefined
      ? await freePorts(count)
      : Array.from({ length: count }, (_, index) => port + index);
  const nodes = Array.from({ length: brokers }, (_, index): RoutedNode => {
    const own = ports.slice(index * perNode, (index + 1) * perNode);
    return planNode({ id: index + 1, directory, ports: own, secured, proxied });
  });
  const certificates = secured ? makeCertificates(join(directory, 'certificates')) : null;
  return { nodes, certificates, settings };
}

function nodeOf(node: NodePlan, cluster: ClusterPlan, jars: string): KafkaNode {
  mkdirSync(node.directory, { recursive: true });
  return new KafkaNode({
    directory: node.directory,
    pidFile: `${node.directory}.pid`,
    properties: serverProperties(node, cluster),
    jars,
    // Three of them have less to do each.
    heapMb: cluster.nodes.length === 1 ? 256 : 192,
  });
}
