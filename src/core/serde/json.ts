import { MillraceError, SerdeError } from '../model/errors.ts';
import { isTooDeep, maxJsonDepth } from './json-depth.ts';
import { kindOf, rangeSerde } from './range-serde.ts';
import type { Serde } from './serde.ts';
import { type SchemaOutput, type StandardSchema, validate } from './standard-schema.ts';
import { readUtf8 } from './utf8.ts';

/**
 * JSON text. With a schema (zod, valibot, arktype: any Standard Schema) what comes from outside is
 * validated, and the value is what the schema makes of it; state and internal topics are not
 * validated again, so the schema must give values that JSON can carry (no `Date`, `Map`, `bigint`).
 *
 * As in JSON, -0 is written as 0, NaN and infinities within a value as null, and fields that are
 * undefined are left out. As a key, objects are equal if their texts are: the order of the fields
 * counts. A field called `__proto__` is an own field like any other and changes no prototype, as
 * long as the author's code does not assign it on. Nesting deeper than 1000 is refused when read
 * from outside.
 *
 * @throws {SerdeError} `DESERIALIZATION` for what is not JSON; `SCHEMA_VIOLATION`; `SERIALIZATION`
 * for undefined, functions, cycles, bigints; `ASYNC_SCHEMA` for an asynchronous schema.
 */
export function json<T>(): Serde<T>;
export function json<Schema extends StandardSchema>(schema: Schema): Serde<SchemaOutput<Schema>>;
export function json(schema?: StandardSchema): Serde<unknown> {
  const trusted = jsonSerde(parse);
  const read = schema === undefined ? readOutside : validating(schema);
  return jsonSerde(read, trusted);
}

function jsonSerde(read: (text: string) => unknown, trusted?: Serde<unknown>): Serde<unknown> {
  return rangeSerde<unknown>({
    format: 'json',
    version: 1,
    serialize: stringify,
    deserializeRange: (buffer, start, end) => read(readUtf8(buffer, start, end)),
    identity: stringify,
    ofIdentity: parse,
    ...(trusted === undefined ? {} : { trusted: () => trusted }),
  });
}

function validating(schema: StandardSchema): (text: string) => unknown {
  return (text) => {
    const value = readOutside(text);
    try {
      return validate(schema, value);
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      throw new SerdeError('SCHEMA_VIOLATION', 'the schema threw', { cause: error });
    }
  };
}

function readOutside(text: string): unknown {
  if (!isTooDeep(text)) return parse(text);
  throw new SerdeError('DESERIALIZATION', `the JSON nests deeper than ${maxJsonDepth}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown; // JSON.parse gives `any`
  } catch (error) {
    // The message of the original error quotes the payload, which must not reach messages or logs.
    const position = /position \d+/.exec(String(error))?.[0];
    const where = position === undefined ? '' : ` (at ${position})`;
    throw new SerdeError('DESERIALIZATION', `the bytes are not JSON${where}`);
  }
}

function stringify(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value); // undefined for undefined and functions
  } catch (error) {
    throw new SerdeError('SERIALIZATION', `${kindOf(value)} cannot be written as JSON`, {
      cause: error,
    });
  }
  if (text !== undefined) return text;
  throw new SerdeError('SERIALIZATION', `${kindOf(value)} cannot be written as JSON`);
}
