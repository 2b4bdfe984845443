import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../../src/core/serde/json.ts';
import { maxJsonDepth } from '../../../src/core/serde/json-depth.ts';
import { keyBytes, trusted } from '../../../src/core/serde/key-identity.ts';
import type { Serde } from '../../../src/core/serde/serde.ts';
import type { StandardSchema } from '../../../src/core/serde/standard-schema.ts';
import { windowed } from '../../../src/core/serde/windowed.ts';
import { thrownBy } from '../../support/thrown.ts';

interface PageEvent {
  post_id: number;
  tags: string[];
}

const zodEvent = z.object({ post_id: z.number(), tags: z.array(z.string()) });
const valibotEvent = v.object({ post_id: v.number(), tags: v.array(v.string()) });
const arkEvent = type({ post_id: 'number', tags: 'string[]' });

const serdes: Record<string, Serde<PageEvent>> = {
  zod: json(zodEvent),
  valibot: json(valibotEvent),
  arktype: json(arkEvent),
};

const textOf = (value: unknown) => Buffer.from(JSON.stringify(value));

describe.each(Object.entries(serdes))('json(schema) of %s', (_vendor, serde) => {
  it('lets through what fits', () => {
    const event = { post_id: 7, tags: ['a'] };
    expect(serde.deserialize(textOf(event))).toEqual(event);
  });

  it('says what is wrong and where', () => {
    const error = thrownBy(() => serde.deserialize(textOf({ post_id: null, tags: ['a'] })));
    expect(error.code).toBe('SCHEMA_VIOLATION');
    expect(error.message).toMatch(/number.*post_id|post_id.*number/);
    expect(error.message).toMatch(/at 'post_id'/);
  });

  it('tells the place inside arrays', () => {
    const error = thrownBy(() => serde.deserialize(textOf({ post_id: 1, tags: ['a', 2] })));
    expect(error.message).toContain("at 'tags[1]'");
  });

  it('names every issue, up to a bound', () => {
    const tags = [1, 2, 3, 4, 5];
    const error = thrownBy(() => serde.deserialize(textOf({ post_id: 1, tags })));
    expect(error.message.length).toBeLessThan(1000);
  });

  it('does not validate state and internal topics', () => {
    const odd = { post_id: 'seven' };
    expect(trusted(serde).deserialize(textOf(odd))).toEqual(odd);
  });

  it('is told apart from JSON that does not parse', () => {
    expect(thrownBy(() => serde.deserialize(Buffer.from('{'))).code).toBe('DESERIALIZATION');
  });
});

describe('json', () => {
  it('has the type of what the schema gives', () => {
    const coerced = z.object({ id: z.string().transform((text) => text.length) });
    expectTypeOf(json(zodEvent)).toEqualTypeOf<Serde<PageEvent>>();
    expectTypeOf(json(valibotEvent)).toEqualTypeOf<Serde<PageEvent>>();
    expectTypeOf(json(arkEvent)).toEqualTypeOf<Serde<PageEvent>>();
    expectTypeOf(json(coerced)).toEqualTypeOf<Serde<{ id: number }>>();
    expectTypeOf(json<PageEvent>()).toEqualTypeOf<Serde<PageEvent>>();
    expect(json(coerced).deserialize(textOf({ id: 'four' }))).toEqual({ id: 4 });
  });

  it('refuses a schema that answers with a promise, and lets no rejection escape', () => {
    const late: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => Promise.reject(new Error('too late')),
      },
    };
    expect(thrownBy(() => json(late).deserialize(textOf(1))).code).toBe('ASYNC_SCHEMA');
    const refined = json(z.string().refine(() => Promise.resolve(true)));
    expect(thrownBy(() => refined.deserialize(textOf('a'))).code).toBe('ASYNC_SCHEMA');
  });

  it('keeps what a schema throws as the cause', () => {
    const cause = new Error('mine');
    const schema = v.pipe(
      v.string(),
      v.check(() => {
        throw cause;
      }, 'never'),
    );
    const error = thrownBy(() => json(schema).deserialize(textOf('a')));
    expect(error.code).toBe('SCHEMA_VIOLATION');
    expect(error.cause).toBe(cause);
  });

  it('keeps the payload out of the message', () => {
    const error = thrownBy(() => json().deserialize(Buffer.from('{"card":"4111" oops}')));
    expect(error.message).not.toContain('4111');
    expect(error.message).not.toContain('oops');
    expect(error.cause).toBeUndefined();
  });

  it('says the position of what does not parse', () => {
    expect(thrownBy(() => json().deserialize(Buffer.from('{"a":1,}'))).message).toContain(
      'position 7',
    );
  });

  it('carries lone surrogates, which JSON escapes', () => {
    const encoded = keyBytes(json<string>(), '\uD800');
    expect(json<string>().deserialize(encoded)).toBe('\uD800');
  });

  it('reads the text null as null, which is no row', () => {
    expect(json().deserialize(Buffer.from('null'))).toBeNull();
  });

  it('keeps __proto__ as an own field and changes no prototype', () => {
    const value = json<Record<string, unknown>>().deserialize(
      Buffer.from('{"__proto__":{"admin":true}}'),
    );
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('admin' in {}).toBe(false);
    expect(json().serialize(value)).toBe('{"__proto__":{"admin":true}}');
  });

  it('passes its trust on inside windowed keys', () => {
    const key = windowed(json(zodEvent), { sizeMs: 10 });
    const encoded = Buffer.concat([textOf({ odd: 1 }), Buffer.alloc(8)]);
    expect(thrownBy(() => key.deserialize(encoded)).code).toBe('SCHEMA_VIOLATION');
    expect(trusted(key).deserialize(encoded).key).toEqual({ odd: 1 });
  });
});

describe('depth bombs', () => {
  const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));

  it('what nests deeper than the bound is refused, what does not is read', () => {
    expect(() => json().deserialize(nested(maxJsonDepth))).not.toThrow();
    expect(thrownBy(() => json().deserialize(nested(maxJsonDepth + 1))).code).toBe(
      'DESERIALIZATION',
    );
    expect(thrownBy(() => json().deserialize(nested(1_000_000))).code).toBe('DESERIALIZATION');
  });

  it('objects count like arrays', () => {
    const text = '{"a":'.repeat(2000) + '1' + '}'.repeat(2000);
    expect(thrownBy(() => json().deserialize(Buffer.from(text))).code).toBe('DESERIALIZATION');
  });

  it('many brackets side by side, or inside strings, are not deep', () => {
    const wide = Array.from({ length: 5000 }, () => ({ a: [1] }));
    expect(json().deserialize(textOf(wide))).toEqual(wide);
    const quoted = { text: '["'.repeat(5000), after: ['\\', '{'.repeat(3000)] };
    expect(json().deserialize(textOf(quoted))).toEqual(quoted);
  });

  it('a value too deep to be written is an error of its own', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) value = [value];
    expect(thrownBy(() => json().serialize(value)).code).toBe('SERIALIZATION');
  });
});
