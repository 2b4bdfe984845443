import { invariant } from '../model/invariant.ts';
import type { Clock, Scheduler } from '../runtime/runtime.ts';
import type { SubTopology } from '../topology/plan.ts';
import type { Call, CallRequest } from './call.ts';
import { Deadlines } from './deadlines.ts';
import { domainsBehind } from './domains-behind.ts';
import type { EventClock } from './event-clock.ts';
import { NodeCalls } from './node-calls.ts';
import { TimeBehind } from './time-behind.ts';

export interface TaskCallsOptions {
  readonly subTopology: SubTopology;
  readonly eventClock: EventClock;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly onRetry: (node: string) => void;
  /** An attempt has ended: there may be a result to work on. */
  readonly onAttemptEnded: () => void;
}

/**
 * What a task waits for. Calls begin when the unit that asked for them is over; their results wait
 * until the loop takes them, each as a unit of its own. Nothing here touches state.
 */
export class TaskCalls {
  /** The time behind the calls, in an order in which it can be stepped. */
  readonly behind: readonly TimeBehind[];
  /** No new records: a commit wants all results to be worked on. */
  isHeld = false;
  private readonly nodes: ReadonlyMap<string, NodeCalls>;
  /** Downstream first: what is nearest to leaving makes room for the rest. */
  private readonly downstreamFirst: readonly NodeCalls[];
  private wake: (() => void) | null = null;

  constructor(private readonly options: TaskCallsOptions) {
    const { subTopology, eventClock } = options;
    this.behind = domainsBehind(subTopology).map((domain) => new TimeBehind(domain));
    this.nodes = this.nodesOf(subTopology);
    this.downstreamFirst = [...this.nodes.values()].reverse();
    for (const behind of this.behind) behind.look(eventClock);
  }

  /** Null where the sub-topology makes no calls: most tasks do without any of this. */
  static of(options: TaskCallsOptions): TaskCalls | null {
    const hasCalls = options.subTopology.nodes.some(
      (node) => node.type === 'operator' && node.calls !== null,
    );
    return hasCalls ? new TaskCalls(options) : null;
  }

  stage(request: CallRequest): void {
    this.node(request.node).stage(request);
  }

  undoUnit(): void {
    for (const node of this.downstreamFirst) node.undoUnit();
  }

  endUnit(): void {
    for (const node of this.downstreamFirst) {
      for (const call of node.endUnit()) for (const behind of this.behind) behind.add(call);
    }
    for (const behind of this.behind) behind.look(this.options.eventClock);
  }

  /** The result to work on next, or null. What leads into a full node has to wait. */
  next(): Call | null {
    for (const node of this.downstreamFirst) {
      if (node.hasReady) return node.next();
      if (node.isFull) return null;
    }
    return null;
  }

  done(call: Call): void {
    this.node(call.request.node).done(call);
  }

  /** Whether the task may take another record. */
  get takesRecords(): boolean {
    return !this.isHeld && this.downstreamFirst.every(({ isFull }) => !isFull);
  }

  get isAtRest(): boolean {
    return this.downstreamFirst.every(({ isAtRest }) => isAtRest);
  }

  /** Whether results will come by themselves: retries that wait for the clock do not count. */
  get isUnderWay(): boolean {
    return this.downstreamFirst.some(({ isUnderWay, hasReady }) => isUnderWay || hasReady);
  }

  /** Resolves when there may be a result. One waiter at a time. */
  attemptEnded(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** The task is closed: signals are aborted, and no result is heard. */
  abandon(): void {
    for (const node of this.downstreamFirst) node.abandon();
  }

  private nodesOf({ nodes }: SubTopology): ReadonlyMap<string, NodeCalls> {
    const { clock, scheduler, onRetry, onAttemptEnded } = this.options;
    const own = new Map<string, NodeCalls>();
    for (const node of nodes) {
      if (node.type !== 'operator' || node.calls === null) continue;
      const { name, calls: settings } = node;
      const calls: NodeCalls = new NodeCalls(settings, {
        settings,
        scheduler,
        deadlines: new Deadlines(settings.timeoutMs, clock, scheduler),
        onRetry: () => onRetry(name),
        onEnded: (call) => calls.ended(call),
        onAttemptEnded: () => {
          onAttemptEnded();
          this.wake?.();
        },
      });
      own.set(name, calls);
    }
    return own;
  }

  private node(name: string): NodeCalls {
    const node = this.nodes.get(name);
    invariant(node !== undefined, `Node '${name}' makes calls but does not declare it.`);
    return node;
  }
}
