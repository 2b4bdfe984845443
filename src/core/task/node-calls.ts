import type { CallSettings } from '../topology/plan.ts';
import { Call, type CallRequest, type CallServices } from './call.ts';

/** The calls of one node: so many at a time, their results in the order of their lanes. */
export class NodeCalls {
  /** Of the unit under way: begun once it is over, forgotten if it is undone. */
  private staged: Call[] = [];
  private readonly waiting: Call[] = [];
  private readonly lanes = new Map<string, Call[]>();
  private readonly ready: Call[] = [];
  private readonly inFlight = new Set<Call>();

  constructor(
    readonly settings: CallSettings,
    private readonly services: CallServices,
  ) {}

  /** Whether more records have come than may be in flight. */
  get isFull(): boolean {
    return this.waiting.length > 0;
  }

  get isAtRest(): boolean {
    return this.inFlight.size === 0 && this.waiting.length === 0;
  }

  /** Whether an attempt is made at the moment. */
  get isUnderWay(): boolean {
    for (const call of this.inFlight) if (call.isUnderWay) return true;
    return false;
  }

  stage(request: CallRequest): void {
    const lane = this.settings.laneOf(request.record.key);
    this.staged.push(new Call(request, lane, this.services));
  }

  undoUnit(): void {
    if (this.staged.length > 0) this.staged = [];
  }

  /** Begins what the unit asked for, or lets it wait; answers with it. */
  endUnit(): readonly Call[] {
    const { staged } = this;
    if (staged.length === 0) return staged;
    this.staged = [];
    for (const call of staged) {
      if (call.lane !== null) this.enterLane(call.lane, call);
      this.waiting.push(call);
    }
    this.beginWaiting();
    return staged;
  }

  /** A call that has ended and whose turn it is. */
  ended(call: Call): void {
    if (call.lane === null) {
      this.ready.push(call);
      return;
    }
    const lane = this.lanes.get(call.lane) ?? [];
    for (let first = lane[0]; first !== undefined && first.outcome !== null; first = lane[0]) {
      lane.shift();
      this.ready.push(first);
    }
    if (lane.length === 0) this.lanes.delete(call.lane);
  }

  get hasReady(): boolean {
    return this.ready.length > 0;
  }

  next(): Call | null {
    return this.ready.shift() ?? null;
  }

  /** Its result was worked on: there is room for another. */
  done(call: Call): void {
    call.isDone = true;
    this.inFlight.delete(call);
    this.beginWaiting();
  }

  abandon(): void {
    for (const call of this.inFlight) call.abandon();
    this.inFlight.clear();
    this.waiting.length = 0;
    this.ready.length = 0;
  }

  private enterLane(name: string, call: Call): void {
    const lane = this.lanes.get(name);
    if (lane === undefined) this.lanes.set(name, [call]);
    else lane.push(call);
  }

  private beginWaiting(): void {
    while (this.inFlight.size < this.settings.maxInFlight) {
      const call = this.waiting.shift();
      if (call === undefined) return;
      this.inFlight.add(call);
      call.start();
    }
  }
}
