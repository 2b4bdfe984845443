import type { CaseRecord, ExpectedDrop, ExpectedRecord, Step } from '../conformance/case-file.ts';
import {
  compareKeys,
  type Domain,
  type Due,
  type NaiveKey,
  type NaiveNode,
  type NaiveRecord,
  type NaiveWorld,
} from './naive-node.ts';
import { NaiveTopology } from './naive-topology.ts';
import { type NaiveRepartition } from './repartition.ts';

export interface Interpretation {
  readonly expected: readonly ExpectedRecord[];
  readonly drops: readonly ExpectedDrop[];
}

/**
 * What `docs/SEMANTICS.md` says comes out, worked out in the plainest way: one thread, arrays, and
 * a look at everything that could be due before each record. Records are taken one by one, each to
 * its end.
 */
export function interpret(
  steps: readonly Step[],
  records: readonly CaseRecord[],
  clockMs = 0,
): Interpretation {
  const expected: ExpectedRecord[] = [];
  const drops: ExpectedDrop[] = [];
  let by = 0;
  const deferred: (() => void)[] = [];
  const world: NaiveWorld = {
    defer: (run) => void deferred.push(run),
    drop: (reason) => void drops.push({ by, reason }),
    output: (topic, record) => void expected.push({ by, topic, ...shown(record) }),
  };
  const topology = new NaiveTopology(steps, world);
  for (const [index, record] of records.entries()) {
    by = index;
    for (const source of topology.sources) {
      if (source.step['topic'] !== record.topic) continue;
      const timestamp = source.timeOf(record, clockMs);
      if (timestamp !== null) take(source, { ...record, timestamp }, deferred);
    }
    takeRepartitioned(topology, deferred);
  }
  return { expected, drops };
}

type Deferred = (() => void)[];

/** Of the records at the heads of one task's topics the least by time, then by name. */
function takeRepartitioned({ repartitions }: NaiveTopology, deferred: Deferred): void {
  for (;;) {
    const waiting = repartitions.filter(({ queue }) => queue.length > 0);
    const next = waiting.sort(
      (a, b) => timeOfHead(a) - timeOfHead(b) || (String(a.step.id) < String(b.step.id) ? -1 : 1),
    )[0];
    const record = next?.queue.shift();
    if (next === undefined || record === undefined) return;
    take(next.reader, record, deferred);
  }
}

function timeOfHead({ queue }: NaiveRepartition): number {
  return queue[0]?.timestamp ?? Infinity;
}

/** Time is stepped: what is due comes first, and again after. */
function take(entry: NaiveNode, record: NaiveRecord, deferred: Deferred): void {
  const { domain } = entry;
  const reachedMs = Math.max(domain.streamTimeMs, record.timestamp);
  runDue(domain, reachedMs, deferred);
  domain.streamTimeMs = reachedMs;
  entry.process(record, 0);
  runDeferred(deferred);
  runDue(domain, domain.streamTimeMs, deferred);
}

function runDeferred(deferred: Deferred): void {
  for (let run = deferred.shift(); run !== undefined; run = deferred.shift()) run();
}

function runDue(domain: Domain, limitMs: number, deferred: Deferred): void {
  for (;;) {
    const next = leastOf(domain, limitMs);
    if (next === null) return;
    domain.streamTimeMs = Math.max(domain.streamTimeMs, next.timeMs);
    next.run();
    runDeferred(deferred);
  }
}

function leastOf({ nodes }: Domain, limitMs: number): Due | null {
  let least: Due | null = null;
  for (const node of nodes) {
    for (const due of node.due(limitMs)) {
      if (due.timeMs > limitMs) continue;
      // Nodes come in plan order: one of a later node is less only if its time is.
      const isLess = least === null || due.timeMs < least.timeMs;
      if (isLess || (least !== null && isSooner(node, due, least))) least = withNode(due, node);
    }
  }
  return least;
}

interface DueOf extends Due {
  readonly node: NaiveNode;
}

function withNode(due: Due, node: NaiveNode): DueOf {
  return { ...due, run: () => due.run(), node };
}

function isSooner(node: NaiveNode, due: Due, least: Due): boolean {
  if ((least as DueOf).node !== node || due.timeMs !== least.timeMs) return false; // made above
  return (compareKeys(due.key, least.key) || due.arrival - least.arrival) < 0;
}

function shown({ key, value, timestamp }: NaiveRecord) {
  const text = value as string | null; // sinks write text
  if (key === null || typeof key === 'string') return { key, value: text, timestamp };
  return { key: key.key, value: text, timestamp, window: boundsOf(key) };
}

function boundsOf({ startMs, endMs }: Exclude<NaiveKey, string | null>) {
  return [startMs, endMs === Infinity ? null : endMs] as const;
}
