import type { ErrorPolicy } from '../model/drop-reason.ts';
import { invariant } from '../model/invariant.ts';
import { errorPolicyOf } from '../topology/error-policy.ts';
import { ErrorHandling } from './error-handling.ts';
import { EventClock } from './event-clock.ts';
import { IdleAdvance } from './idle-advance.ts';
import { InputQueue } from './input-queue.ts';
import { LatencySamples } from './latency.ts';
import { OutputCollector } from './output-collector.ts';
import type { NodeServices } from './processor-node.ts';
import { passingChanges } from './passing-changes.ts';
import { RecordQueue } from './record-queue.ts';
import { RunningTask, type RunningTaskParts } from './running-task.ts';
import { ScanRunner } from './scan-runner.ts';
import { sourceReader } from './source-reader.ts';
import { tableLookups } from './table-lookups.ts';
import { CommitUnit } from './task-commit.ts';
import { taskGraph } from './task-graph.ts';
import { TaskLoop } from './task-loop.ts';
import { count } from './task-counters.ts';
import type { TaskOptions } from './task-port.ts';
import { TaskCalls } from './task-calls.ts';
import { TaskTimers } from './task-timers.ts';
import { failureOf } from './unit-failure.ts';
import { recordMetadata } from './unit-place.ts';

/** Assembles a task at its restored progress. */
export function assembleTask(parts: RunningTaskParts): RunningTask {
  const { options, counters, state, restoration } = parts;
  const { progress } = restoration;
  const eventClock = new EventClock(options.subTopology);
  if (progress !== null) eventClock.restore(progress.clock);
  const collector = new OutputCollector(options.maxMessageBytesOf);
  const errors = new ErrorHandling({ ...options, taskId: parts.taskId, counters, collector });
  const commit = new CommitUnit({ ...parts, collector });
  commit.startAt(progress?.commitNumber ?? 0, restoration.changelogPositions);
  const scans = new ScanRunner((node, error) =>
    failureOf({ name: node, policy: policyOf(node, options) }, 'processing', error),
  );
  const timers = taskTimers(parts, eventClock);
  timers.startAt(progress?.timerArrivals ?? 0);
  const calls = taskCalls(parts, eventClock);
  const { nodes } = options.subTopology;
  const passing = passingChanges(nodes, (plan) =>
    nodes.filter((node) => node.parents.includes(plan)),
  );
  const services: NodeServices = {
    application: options.topology.application,
    taskId: parts.taskId,
    partition: options.partition,
    eventClock,
    timers,
    scans,
    state,
    inspection: options.inspection,
    lookup: tableLookups({ ...options, state, eventClock, passing }),
    recordMetadata: () => recordMetadata(errors.place()),
    drop: (node, record, reason) => errors.drop(node, record, reason),
    count: (node, counter) => count(counters.counted, node, counter),
    call(node, record, momentMs) {
      invariant(calls !== null, `Node '${node}' makes calls but does not declare it.`);
      calls.stage({ node, record, momentMs, place: errors.place() });
    },
  };
  const graph = taskGraph({ options, services, passing, collector, counters });
  const queue = recordQueue(parts, eventClock, errors);
  if (progress?.steppingFor !== undefined) queue.choose(progress.steppingFor);
  const shared = { queue, eventClock, timers, scans, collector, calls };
  const loop = new TaskLoop({
    ...shared,
    state,
    errors,
    counters,
    roots: graph.roots,
    nodeOf: (name) => graph.nodeOf(name),
    canUndo: canUndo(options),
  });
  const latency = options.latencies ? new LatencySamples(options.latencies) : null;
  const { subTopology, clock } = options;
  const idleAdvance = IdleAdvance.of(subTopology, queue.inputs, clock, eventClock);
  return new RunningTask(parts, { ...shared, commit, graph, loop, idleAdvance, latency });
}

function recordQueue(
  { options, offsets }: RunningTaskParts,
  eventClock: EventClock,
  errors: ErrorHandling,
): RecordQueue {
  const { subTopology, clock, maxBufferedRecords, maxTaskIdleMs, inspection } = options;
  const inputs = subTopology.inputs.map((input, index): InputQueue => {
    const { node, topic } = input;
    const reader = sourceReader(inspection?.input(input) ?? input, options, {
      refuse(error) {
        errors.workOn(queue);
        if (node.type === 'source') errors.undecodable(error, node);
        else throw error;
      },
      drop(record, reason) {
        errors.workOn(queue);
        errors.drop(node.name, record, reason);
      },
    });
    const queue = new InputQueue(index, topic, {
      reader,
      clock: eventClock,
      maxBuffered: maxBufferedRecords,
      onPrepared: options.onReady,
    });
    const offset = offsets.get(topic);
    if (offset === undefined) queue.hasNoLag = true;
    else queue.startAt(offset);
    return queue;
  });
  return new RecordQueue(inputs, clock, maxTaskIdleMs);
}

function taskCalls(
  { options, counters }: RunningTaskParts,
  eventClock: EventClock,
): TaskCalls | null {
  const { subTopology, clock, scheduler, onReady } = options;
  return TaskCalls.of({
    subTopology,
    eventClock,
    clock,
    scheduler,
    onRetry: (node) => count(counters.counted, node, 'retries'),
    onAttemptEnded: onReady,
  });
}

function taskTimers({ options, timers }: RunningTaskParts, eventClock: EventClock): TaskTimers {
  const { topology, subTopology, clock } = options;
  const places = new Map(
    topology.nodes.map((node, order) => [
      node.name,
      { order, domain: subTopology.timeDomains.get(node.name) ?? 0 },
    ]),
  );
  const own = new Set(subTopology.nodes.map(({ name }) => name));
  const domains = Math.max(0, ...subTopology.timeDomains.values()) + 1;
  const placeOf = (node: string) => (own.has(node) ? (places.get(node) ?? null) : null);
  return new TaskTimers({ store: timers, domains, placeOf }, eventClock, clock);
}

function policyOf(name: string, { subTopology }: TaskOptions): ErrorPolicy | null {
  const node = subTopology.nodes.find((own) => own.name === name);
  return node === undefined ? null : errorPolicyOf(node);
}

/** Only where some policy may let a record in error pass, its effects must be undone. */
function canUndo({ subTopology, hooks }: TaskOptions): boolean {
  if (hooks.handlesErrors) return true;
  return subTopology.nodes.some((node) => (errorPolicyOf(node) ?? 'fail') !== 'fail');
}
