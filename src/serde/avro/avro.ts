import type avsc from 'avsc';
import type { Type } from 'avsc';
import { ConfigError, SerdeError } from '../../core/model/errors.ts';
import { messageOf } from '../../core/model/message-of.ts';
import type { Clock } from '../../core/runtime/runtime.ts';
import { systemRuntime } from '../../core/runtime/system-runtime.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { AvroSerde } from './avro-serde.ts';
import { AvroTypes, type ItemBudget, type LongAs } from './avro-types.ts';
import { SchemaLookup } from './schema-lookup.ts';
import type { SchemaRegistry } from './schema-registry.ts';

/** An Avro schema: parsed, as JSON text, or the name of a primitive type. */
export type AvroSchema = string | object;

export interface AvroOptions {
  readonly registry: SchemaRegistry;
  /** What values are read as, whatever schema wrote them, and written by. */
  readonly schema: AvroSchema;
  /**
   * Under which the registry has `schema`, by convention `<topic>-value` or `<topic>-key`. Default:
   * none, and the serde only reads.
   */
  readonly subject?: string;
  /** Whether to register `schema` under `subject` if it is not there. Default false. */
  readonly register?: boolean;
  /** How 64-bit integers are given. Default `'number'`: one beyond 2^53 - 1 is refused. */
  readonly long?: LongAs;
  /** Of one record. Default 1 MiB. */
  readonly maxBytes?: number;
  /** For how long an id stays unknown. Default: that of the machine. */
  readonly clock?: Clock;
}

/**
 * Avro as producers write it beside a Confluent-compatible schema registry: `00`, the writer's
 * schema id, the payload. Records of any schema that `schema` can read are given as it says.
 *
 * A source that meets an id for the first time pauses its partition until the registry has
 * answered. An id that the registry does not have, or a schema that `schema` cannot read, makes the
 * record undecodable: dead letter, or whatever the source's policy says. A registry that does not
 * answer stops the worker, and loses nothing.
 *
 * State and internal topics have the plain payload by `schema`, without an id: no registry is asked
 * for them. Their format has the schema's fingerprint: state of another schema is refused at start.
 *
 * Values are instances of classes that avsc makes: their fields are own, their prototypes not
 * `Object`'s. `timestamp-millis` is a number, `decimal` its bytes; unions whose branches look alike
 * come wrapped, as `{ int: 1 }`. A record has at most one array or map item for each of its bytes,
 * and 10,000 more.
 *
 * @example
 * ```ts
 * const schemas = new Map<number, string>();
 * const registry: SchemaRegistry = {
 *   schemaOf: async (id) => schemas.get(id) ?? null,
 *   idOf: async () => null,
 *   register: async (_subject, schema) => schemas.set(7, schema).size + 6,
 * };
 * const schema = { type: 'record', name: 'View', fields: [{ name: 'page', type: 'string' }] };
 * const options = { registry, schema, subject: 'views-value', register: true };
 * const views = await avro<{ page: string }>(options);
 * const bytes = views.serialize({ page: '/' });
 * [...bytes]; // => [0, 0, 0, 0, 7, 2, 47]
 * views.deserialize(Buffer.from(bytes)).page; // => '/'
 * ```
 * @throws {ConfigError} `PACKAGE_MISSING` without the package `avsc`; `BAD_OPTION` for a schema
 * that is none.
 * @throws {SerdeError} `SCHEMA_UNKNOWN` if the subject does not have the schema, and `register` is
 * not asked for; `REGISTRY_UNAVAILABLE`.
 */
export async function avro<T>(options: AvroOptions): Promise<Serde<T>> {
  const { registry, subject, register = false, long = 'number', clock } = options;
  const schema = textOf(options.schema);
  const budget: ItemBudget = { items: 0 };
  const types = new AvroTypes(await loadAvsc(), long, budget);
  const reader = readerOf(types, schema);
  const lookup = new SchemaLookup(registry, clock ?? systemRuntime.clock, (writer) => {
    return reader.createResolver(types.of(writer));
  });
  const id = subject === undefined ? null : await idOf(registry, { subject, schema, register });
  if (id !== null) lookup.put(id, reader.createResolver(reader));
  return new AvroSerde<T>({ reader, budget, lookup, id, maxBytes: options.maxBytes ?? 1024 ** 2 });
}

function readerOf(types: AvroTypes, schema: string): Type {
  try {
    return types.of(schema);
  } catch (cause) {
    const message = `The Avro schema cannot be read: ${messageOf(cause)}`;
    throw new ConfigError('BAD_OPTION', message, { cause });
  }
}

interface WrittenAs {
  readonly subject: string;
  readonly schema: string;
  readonly register: boolean;
}

async function idOf(
  registry: SchemaRegistry,
  { subject, schema, register }: WrittenAs,
): Promise<number> {
  if (register) return registry.register(subject, schema);
  const id = await registry.idOf(subject, schema);
  if (id !== null) return id;
  throw new SerdeError(
    'SCHEMA_UNKNOWN',
    `The subject '${subject}' of the schema registry does not have the schema: register it, or ` +
      'pass `register: true`.',
  );
}

async function loadAvsc(): Promise<typeof avsc> {
  try {
    return (await import('avsc')).default;
  } catch (cause) {
    const message = 'Avro needs the package avsc: `npm install avsc`.';
    throw new ConfigError('PACKAGE_MISSING', message, { cause });
  }
}

function textOf(schema: AvroSchema): string {
  const isText = typeof schema === 'string' && /^\s*["[{]/.test(schema);
  return isText ? schema : JSON.stringify(schema);
}
