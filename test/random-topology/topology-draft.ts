import type { Step } from '../conformance/case-file.ts';

/** What a step of the draft offers to the next ones. */
export interface Offered {
  readonly id: string;
  readonly kind: 'stream' | 'table';
  readonly isWindowed: boolean;
  /** Whether its key was changed, so that grouping and joins repartition. */
  readonly isKeyChanged: boolean;
  /** Whether its values end with a number. */
  readonly isScored: boolean;
  readonly isVersioned: boolean;
  /** Where its records come from. */
  readonly sources: readonly string[];
  /** Inputs that are connected are one task. */
  readonly task: number;
}

/** Steps so far, and who may be connected with whom. */
export class TopologyDraft {
  readonly steps: Step[] = [];
  readonly offered: Offered[] = [];
  readonly topics: string[] = [];
  private readonly used = new Set<string>();
  /** Tasks that became one. */
  private readonly merged = new Map<number, number>();
  /** Repartition topics that a task reads; two of them would leave the order open. */
  private readonly repartitions = new Map<number, number>();
  private tasks = 0;
  private ids = 0;

  /** Whether a task may read an internal topic beside others, whose order is then left open. */
  constructor(readonly mixesTopics: boolean) {}

  nextId(): string {
    this.ids += 1;
    return `n${this.ids}`;
  }

  add(op: string, fields: Readonly<Record<string, unknown>>, id = this.nextId()): string {
    this.steps.push({ id, op, ...fields });
    return id;
  }

  offer(offered: Partial<Offered> & Pick<Offered, 'id' | 'kind' | 'task'>): Offered {
    const whole = {
      isWindowed: false,
      isKeyChanged: false,
      isScored: false,
      isVersioned: false,
      sources: [],
      ...offered,
    };
    this.offered.push(whole);
    return whole;
  }

  source(op: 'stream' | 'table', fields: Readonly<Record<string, unknown>> = {}): Offered {
    const id = this.nextId();
    const topic = `in-${id}`;
    this.topics.push(topic);
    this.add(op, { topic, ...fields }, id);
    return this.offer({ id, kind: op, task: this.newTask(0), isScored: true, sources: [id] });
  }

  /** A task of its own, or one that reads a repartition topic. */
  newTask(repartitions: number): number {
    this.tasks += 1;
    this.repartitions.set(this.tasks, repartitions);
    return this.tasks;
  }

  /** Whoever is taken as an operand needs no sink of his own. */
  use({ id }: Offered): string {
    this.used.add(id);
    return id;
  }

  /** Makes the tasks one; null where that would leave the order of records open. */
  unite(a: number, b: number): number | null {
    const [left, right] = [this.rootOf(a), this.rootOf(b)];
    if (left === right) return left;
    const sum = (this.repartitions.get(left) ?? 0) + (this.repartitions.get(right) ?? 0);
    if (sum > (this.mixesTopics ? 1 : 0)) return null;
    this.merged.set(right, left);
    this.repartitions.set(left, sum);
    return left;
  }

  /** Everything that nobody took goes to a topic of its own. */
  finish(): void {
    for (const { id } of this.offered) {
      if (!this.used.has(id)) this.add('to', { of: id, topic: `out-${id}` }, `sink-${id}`);
    }
  }

  private rootOf(task: number): number {
    const parent = this.merged.get(task);
    return parent === undefined ? task : this.rootOf(parent);
  }
}
