import { SerdeError, WorkerError } from '../../core/model/errors.ts';
import { messageOf } from '../../core/model/message-of.ts';
import type { Clock } from '../../core/runtime/runtime.ts';
import type { SchemaRegistry } from './schema-registry.ts';

/** Ids whose outcome is kept; the one that came first goes first. */
const maxIds = 1000;
/** How long an unknown id is not asked for again. */
const unknownMs = 30_000;
/** How long a registry that did not answer is not asked again. */
const unavailableMs = 1000;

/** What became of asking for an id. */
type Outcome<Found> =
  | { readonly found: Found }
  | { readonly error: SerdeError | WorkerError; readonly untilMs: number };

/** What the schemas of a registry come to, by id: found once, and asked for once at a time. */
export class SchemaLookup<Found> {
  private readonly outcomes = new Map<number, Outcome<Found>>();
  private readonly asking = new Map<number, Promise<void>>();

  constructor(
    private readonly registry: SchemaRegistry,
    private readonly clock: Clock,
    /** Makes of a schema what is kept; what it throws is kept too. */
    private readonly use: (schema: string) => Found,
  ) {}

  put(id: number, found: Found): void {
    this.keep(id, { found });
  }

  /** Null: there is an outcome, good or bad. */
  missing(id: number): Promise<void> | null {
    const outcome = this.outcomes.get(id);
    if (outcome !== undefined && !this.isOver(outcome)) return null;
    const asked = this.asking.get(id) ?? this.ask(id);
    this.asking.set(id, asked);
    return asked;
  }

  /**
   * @throws {SerdeError} `SCHEMA_UNKNOWN`; what `use` throws.
   * @throws {WorkerError} `REGISTRY_UNAVAILABLE`: it is not the record's fault.
   */
  get(id: number): Found {
    const outcome = this.outcomes.get(id);
    if (outcome === undefined) {
      throw new SerdeError('SCHEMA_UNKNOWN', `schema ${id} was not looked up before`);
    }
    if ('found' in outcome) return outcome.found;
    throw outcome.error;
  }

  private async ask(id: number): Promise<void> {
    try {
      this.keep(id, await this.outcomeOf(id));
    } finally {
      this.asking.delete(id);
    }
  }

  private async outcomeOf(id: number): Promise<Outcome<Found>> {
    let schema: string | null;
    try {
      schema = await this.registry.schemaOf(id);
    } catch (cause) {
      const message = `Schema ${id} cannot be looked up: ${messageOf(cause)}`;
      const error = new WorkerError('REGISTRY_UNAVAILABLE', message, { cause });
      return { error, untilMs: this.nowMs + unavailableMs };
    }
    if (schema === null) {
      const error = new SerdeError('SCHEMA_UNKNOWN', `the registry has no Avro schema ${id}`);
      return { error, untilMs: this.nowMs + unknownMs };
    }
    try {
      return { found: this.use(schema) };
    } catch (cause) {
      const message = `schema ${id} cannot be read as this serde's: ${messageOf(cause)}`;
      return { error: new SerdeError('DESERIALIZATION', message, { cause }), untilMs: Infinity };
    }
  }

  private keep(id: number, outcome: Outcome<Found>): void {
    this.outcomes.delete(id);
    this.outcomes.set(id, outcome);
    const [first] = this.outcomes.keys();
    if (this.outcomes.size > maxIds && first !== undefined) this.outcomes.delete(first);
  }

  private isOver(outcome: Outcome<Found>): boolean {
    return 'error' in outcome && this.nowMs >= outcome.untilMs;
  }

  private get nowMs(): number {
    return this.clock.monotonicTimeMs();
  }
}
