import { durationMs } from '../model/duration.ts';
import type { DropReason } from '../model/drop-reason.ts';
import { ConfigError, StoreError } from '../model/errors.ts';
import { invariant } from '../model/invariant.ts';
import type { StreamRecord } from '../model/record.ts';
import { errorPolicyOf } from '../topology/error-policy.ts';
import type { PlanNode, TableLookup } from '../topology/plan.ts';
import type {
  FiredTimer,
  OperatorContext,
  PeriodicSchedule,
  PeriodicTick,
  Processor,
  RecordMetadata,
  RowsByEnd,
  TimerRequest,
  WindowEnds,
} from '../topology/processor.ts';
import type { CallOutcome } from './call.ts';
import type { EndTimers } from './end-timers.ts';
import type { EventClock } from './event-clock.ts';
import type { TaskInspection } from './inspection.ts';
import type { Scannable, StoreDefinition, LocalState } from './state-port.ts';
import type { PassingChange } from './passing-changes.ts';
import type { ScanRunner } from './scan-runner.ts';
import type { TaskTimers } from './task-timers.ts';
import { causeOf, failureOf } from './unit-failure.ts';

/** What the nodes of one task share. */
export interface NodeServices {
  readonly application: string;
  readonly taskId: string;
  readonly partition: number;
  readonly eventClock: EventClock;
  readonly timers: TaskTimers;
  readonly scans: ScanRunner;
  readonly state: LocalState;
  readonly inspection: TaskInspection | undefined;
  lookup(table: PlanNode): TableLookup;
  recordMetadata(): RecordMetadata | null;
  drop(node: string, record: StreamRecord<unknown, unknown>, reason: DropReason): void;
  count(node: string, counter: string): void;
  call(node: string, record: StreamRecord<unknown, unknown>, momentMs: number): void;
}

type AnyRecord = StreamRecord<unknown, unknown>;

/** A running node of the plan: its processor, its children, and the context between them. */
export class ProcessorNode implements OperatorContext<unknown, unknown> {
  readonly name: string;
  private readonly children: ProcessorNode[] = [];
  private only: ProcessorNode | null = null;
  /** Null where no lookup can come between two children. */
  private passing: PassingChange | null = null;
  private ownEnds: EndTimers | null = null;
  private processor: Processor<unknown, unknown> | null = null;
  /** Gets the records of the parents: the processor itself, or what makes its calls. */
  private entry: Processor<unknown, unknown> | null = null;

  constructor(
    readonly plan: PlanNode,
    readonly order: number,
    private readonly domain: number,
    private readonly services: NodeServices,
  ) {
    this.name = plan.name;
  }

  /** Called once all nodes exist; children come in plan order. */
  link(children: readonly ProcessorNode[], passing: PassingChange | null = null): void {
    this.children.push(...children);
    this.passing = passing;
    this.only = children.length === 1 ? (children[0] ?? null) : null;
  }

  /** @throws {ProcessingError} what the author's `create` threw. */
  open(create: (context: OperatorContext<unknown, unknown>) => Processor<unknown, unknown>): void {
    const { inspection } = this.services;
    try {
      const processor = create(this);
      this.processor = inspection?.processor(processor) ?? processor;
      this.entry = this.makesCalls ? this.caller() : this.processor;
    } catch (error) {
      throw causeOf(this.failed(error));
    }
  }

  receive(record: AnyRecord): void {
    try {
      (this.entry as Processor<unknown, unknown>).process(record); // opened before it runs
    } catch (error) {
      throw this.failed(error);
    }
  }

  fire(timer: FiredTimer): void {
    this.guard(() => this.processor?.onTimer?.(timer));
  }

  /** Works on what a call of this node has come to. */
  finish({ key, timestamp, headers }: AnyRecord, outcome: CallOutcome): void {
    this.guard(() => {
      if ('error' in outcome) throw outcome.error;
      this.processor?.process({ key, value: outcome.value, timestamp, headers });
    });
  }

  commit(): void {
    this.guard(() => this.processor?.onCommit?.());
  }

  get application(): string {
    return this.services.application;
  }

  get node(): string {
    return this.name;
  }

  get taskId(): string {
    return this.services.taskId;
  }

  get partition(): number {
    return this.services.partition;
  }

  get streamTimeMs(): number {
    return this.services.eventClock.timeOfWorkMs(this.domain);
  }

  get wallClockTimeMs(): number {
    return this.services.timers.wallClockTimeMs;
  }

  get closedMs(): number {
    return this.services.eventClock.closedMs(this.name);
  }

  advanceClosed(closedMs: number): void {
    // What is still to be closed is closed after a restart too.
    const dueMs = this.ownEnds?.nextEndMs ?? Infinity;
    this.services.eventClock.advanceClosed(this.name, Math.min(closedMs, dueMs - 1));
  }

  recordMetadata(): RecordMetadata | null {
    return this.services.recordMetadata();
  }

  forward(record: AnyRecord, to?: string): void {
    if (to !== undefined) this.childNamed(to).receive(record);
    else if (this.only !== null) this.only.receive(record);
    else if (this.passing !== null) this.pass(record, this.passing);
    else for (const child of this.children) child.receive(record);
  }

  store<S>(definition: StoreDefinition<S>): S {
    const isDeclared = this.plan.type === 'operator' && this.plan.stores.includes(definition);
    if (isDeclared) {
      const held = this.services.state.store(definition);
      const store = definition.withTime?.(held, this) ?? held;
      return this.services.inspection?.store(store) ?? store;
    }
    throw new StoreError(
      'UNKNOWN_STORE',
      `Node '${this.name}' does not declare the store '${definition.name}': list it in its stores.`,
      { where: { node: this.name, store: definition.name } },
    );
  }

  lookup<K, V>(table: PlanNode): TableLookup<K, V> {
    return this.services.lookup(table) as TableLookup<K, V>; // types of the table's handle
  }

  drop(record: AnyRecord, reason: DropReason): void {
    this.services.drop(this.name, record, reason);
  }

  count(counter: string): void {
    this.services.count(this.name, counter);
  }

  scan<Range, Entry>(
    store: Scannable<Range, Entry>,
    range: Range,
    visit: (entry: Entry) => void,
  ): void {
    const { scans, inspection } = this.services;
    const visited =
      inspection === undefined ? visit : (entry: Entry) => visit(inspection.value(entry));
    scans.add(this.name, store, range, visited);
  }

  schedule(
    request: TimerRequest | PeriodicSchedule,
    callback?: (tick: PeriodicTick) => void,
  ): void {
    if ('at' in request) return this.scheduleAt(request);
    invariant(callback !== undefined, 'A periodic schedule has a callback.');
    const everyMs = durationMs(request.every, 'every');
    if (everyMs === 0)
      throw this.misused('BAD_DURATION', 'has a schedule with a period of 0: give one above 0.');
    const fire = (tick: PeriodicTick) => this.guard(() => callback(tick));
    this.services.timers.addPeriodic(
      { node: this.name, nodeOrder: this.order, everyMs, callback: fire },
      { domain: this.domain, isWallClock: request.by === 'wall-clock' },
    );
  }

  ends(store: RowsByEnd, delayMs: number): WindowEnds {
    invariant(this.ownEnds === null, `Node '${this.name}' closes the windows of one store.`);
    const { name: node, order: nodeOrder, closedMs: passedMs } = this;
    const options = { node, nodeOrder, store, delayMs, passedMs };
    this.ownEnds = this.services.timers.addEnds(this.domain, options);
    return this.ownEnds;
  }

  private pass(record: AnyRecord, passing: PassingChange): void {
    try {
      for (const [index, child] of this.children.entries()) {
        passing.reaches(index, record);
        child.receive(record);
      }
    } finally {
      passing.end();
    }
  }

  private get makesCalls(): boolean {
    return this.plan.type === 'operator' && this.plan.calls !== null;
  }

  private caller(): Processor<unknown, unknown> {
    const { inspection } = this.services;
    const caller: Processor<unknown, unknown> = {
      process: (record) => this.services.call(this.name, record, this.streamTimeMs),
    };
    return inspection?.processor(caller) ?? caller;
  }

  private scheduleAt(request: TimerRequest): void {
    const hasTimers = this.plan.type === 'operator' && this.plan.hasTimers;
    invariant(hasTimers, `Node '${this.name}' sets timers but does not declare it.`);
    this.services.timers.set(this.domain, this.name, request);
  }

  private childNamed(name: string): ProcessorNode {
    const child = this.children.find((own) => own.name === name);
    if (child !== undefined) return child;
    const names = this.children.map((own) => `'${own.name}'`).join(', ');
    throw this.misused(
      'BAD_OPTION',
      `has no child '${name}': its children are ${names || 'none'}.`,
    );
  }

  private misused(code: 'BAD_OPTION' | 'BAD_DURATION', what: string): ConfigError {
    return new ConfigError(code, `Node '${this.name}' ${what}`, { where: { node: this.name } });
  }

  private guard<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw this.failed(error);
    }
  }

  private failed(error: unknown): unknown {
    const { plan } = this;
    const isWriter = plan.type === 'sink' || plan.type === 'repartition';
    const failed = { name: this.name, policy: errorPolicyOf(plan) };
    return failureOf(failed, isWriter ? 'production' : 'processing', error);
  }
}
