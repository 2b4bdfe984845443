import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avro, type AvroOptions, type SchemaRegistry } from '../../../src/serde/avro.ts';
import { manualClock } from '../../support/broker-fixture.ts';
import { propertyOptions } from '../../support/property-options.ts';
import { thrownBy } from '../../support/thrown.ts';

/** A registry in memory; id 99 makes it fail. */
function registryOf(...schemas: readonly unknown[]) {
  const known = schemas.map((schema) => JSON.stringify(schema));
  const asked: number[] = [];
  const registry: SchemaRegistry = {
    schemaOf(id) {
      asked.push(id);
      if (id === 99) return Promise.reject(new Error('down'));
      return Promise.resolve(known[id - 1] ?? null);
    },
    idOf: (_subject, schema) => Promise.resolve(known.indexOf(schema) + 1 || null),
    register: (_subject, schema) => Promise.resolve(known.push(schema)),
  };
  return { registry, asked };
}

const record = (...fields: readonly object[]) => ({ type: 'record', name: 'R', fields });
const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });

async function reading(
  writer: object | string,
  reader: object | string,
  options?: Partial<AvroOptions>,
) {
  const { registry } = registryOf(writer);
  const serde = await avro<unknown>({ registry, schema: reader, ...options });
  const writing = await avro<unknown>({ registry, schema: writer, subject: 's', ...options });
  return {
    serde,
    /** What the reader makes of what the writer wrote. */
    async read(value: unknown) {
      const bytes = writing.serialize(value) as Uint8Array; // never text
      await serde.prepare?.(bytes);
      return serde.deserialize(bytes);
    },
    async bytes(...payload: readonly number[]) {
      const bytes = Buffer.from([0, 0, 0, 0, 1, ...payload]);
      await serde.prepare?.(bytes);
      return outcomeOf(() => serde.deserialize(bytes));
    },
  };
}

/** What the call gives, or throws. */
function outcomeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

const plain = (value: unknown) => structuredClone(value);

describe('avro', () => {
  it("writes Confluent's wire format", async () => {
    const { registry } = registryOf('string', record(field('n', 'int')));
    const schema = record(field('n', 'int'));
    const serde = await avro<{ n: number }>({ registry, schema, subject: 's' });
    expect([...serde.serialize({ n: -1 })]).toEqual([0, 0, 0, 0, 2, 1]);
  });

  it('reads what it writes, on the wire and in state', async () => {
    const schema = record(
      field('id', 'string'),
      field('at', { type: 'long', logicalType: 'timestamp-millis' }),
      field('tags', { type: 'array', items: 'string' }),
      field('counts', { type: 'map', values: 'long' }),
      field('maybe', ['null', 'double'], { default: null }),
    );
    const serde = await avro({
      registry: registryOf().registry,
      schema,
      subject: 's',
      register: true,
    });
    const trusted = serde.trusted?.();
    const name = fc.string().filter((own) => own !== '__proto__');
    const value = fc.record({
      id: fc.string(),
      at: fc.maxSafeNat(),
      tags: fc.array(fc.string()),
      counts: fc.dictionary(
        name,
        fc.maxSafeInteger().filter((own) => Math.abs(own) < 2 ** 53 - 1),
      ),
      maybe: fc.option(fc.double()),
    });
    const law = fc.property(value, (own) => {
      const back = serde.deserialize(Buffer.from(serde.serialize(own)));
      expect(plain(back)).toEqual(plain({ ...own, counts: { ...own.counts } }));
      expect(trusted?.deserialize(Buffer.from(trusted.serialize(own)))).toEqual(back);
    });
    fc.assert(law, propertyOptions(300));
  });

  it('reads what older and newer schemas wrote as its own schema says', async () => {
    const old = record(field('a', 'int'), field('gone', { type: 'array', items: 'string' }));
    const now = record(field('a', 'long'), field('b', 'string', { default: 'none' }));
    const { read } = await reading(old, now);
    expect(plain(await read({ a: 3, gone: ['x', 'y'] }))).toEqual({ a: 3, b: 'none' });
  });

  it('asks for an id once, and again later for one that is not known', async () => {
    const { registry, asked } = registryOf('int');
    const clock = manualClock();
    const serde = await avro({ registry, schema: 'long', clock });
    const bytes = Buffer.from([0, 0, 0, 0, 1, 4]);
    expect(thrownBy(() => serde.deserialize(bytes))).toMatchObject({ code: 'SCHEMA_UNKNOWN' });
    const [first, second] = [serde.prepare?.(bytes), serde.prepare?.(bytes)];
    expect(first).toBe(second);
    await first;
    expect([serde.prepare?.(bytes), serde.deserialize(bytes), asked]).toEqual([null, 2, [1]]);
    const unknown = Buffer.from([0, 0, 0, 0, 9, 4]);
    await serde.prepare?.(unknown);
    expect(serde.prepare?.(unknown)).toBeNull();
    expect(thrownBy(() => serde.deserialize(unknown))).toMatchObject({ code: 'SCHEMA_UNKNOWN' });
    clock.advance(30_000);
    await serde.prepare?.(unknown);
    expect(asked).toEqual([1, 9, 9]);
  });

  it('is not to blame for a registry that does not answer', async () => {
    const serde = await avro({ registry: registryOf().registry, schema: 'long' });
    const bytes = Buffer.from([0, 0, 0, 0, 99, 4]);
    await serde.prepare?.(bytes);
    const error = thrownBy(() => serde.deserialize(bytes));
    expect(error).toMatchObject({ code: 'REGISTRY_UNAVAILABLE', name: 'WorkerError' });
  });

  it('gives 64-bit integers as safe numbers or as bigints, and times as numbers', async () => {
    const time = { type: 'long', logicalType: 'timestamp-millis' };
    const both = record(field('n', 'long', { default: 7 }), field('at', time));
    const numbers = await reading(both, both);
    expect(plain(await numbers.read({ n: 2 ** 53 - 2, at: 5 }))).toEqual({ n: 2 ** 53 - 2, at: 5 });
    const beyond = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0]; // 2^53
    expect(await numbers.bytes(...beyond)).toMatchObject({ code: 'DESERIALIZATION' });
    for (const n of [-(2 ** 52) - 1, 2 ** 52 + 1, -(2 ** 51) - 1, 1 - 2 ** 53 + 1]) {
      expect(plain(await numbers.read({ n, at: 5 }))).toEqual({ n, at: 5 });
    }
    const bigints = await reading(both, both, { long: 'bigint' });
    const least = { n: -(2n ** 63n), at: 5 };
    expect(plain(await bigints.read(least))).toEqual(least);
    const older = await reading(record(field('at', 'int')), both, { long: 'bigint' });
    expect(plain(await older.read({ at: 5 }))).toEqual({ n: 7n, at: 5 });
    const untimed = await reading(record(field('at', 'long')), both, { long: 'bigint' });
    expect(plain(await untimed.read({ at: 5n }))).toEqual({ n: 7n, at: 5 });
  });

  it('refuses what it cannot read, and says why', async () => {
    const { bytes, serde } = await reading('int', 'long');
    expect(await bytes(4)).toBe(2);
    expect(await bytes()).toMatchObject({ code: 'DESERIALIZATION' });
    expect(await bytes(4, 4)).toMatchObject({ code: 'DESERIALIZATION' });
    for (const other of [[], [1, 0, 0, 0, 1, 4], [0, 0, 0], [0, 255, 0, 0, 1, 4]]) {
      const error = thrownBy(() => serde.deserialize(Buffer.from(other)));
      expect(error).toMatchObject({ code: 'DESERIALIZATION' });
    }
    const strings = await reading('string', 'long');
    expect(await strings.bytes(4)).toMatchObject({ code: 'DESERIALIZATION' });
    const small = await reading('string', 'string', { maxBytes: 3 });
    expect(await small.bytes(4, 65, 65)).toBe('AA');
    expect(await small.bytes(6, 65, 65, 65)).toMatchObject({ code: 'DESERIALIZATION' });
  });

  it('refuses to write what the schema does not say, or without a subject', async () => {
    const { registry } = registryOf('int');
    const serde = await avro<unknown>({ registry, schema: 'int', subject: 's' });
    expect(thrownBy(() => serde.serialize('x'))).toMatchObject({ code: 'SERIALIZATION' });
    const reader = await avro<unknown>({ registry, schema: 'int' });
    expect(thrownBy(() => reader.serialize(1))).toMatchObject({ code: 'SERIALIZATION' });
    await expect(avro({ registry, schema: 'string', subject: 's' })).rejects.toMatchObject({
      code: 'SCHEMA_UNKNOWN',
    });
    await expect(avro({ registry, schema: { type: 'nothing' } })).rejects.toMatchObject({
      code: 'BAD_OPTION',
    });
  });

  it('has a format of its own for each schema, which guards state', async () => {
    const { registry } = registryOf();
    const formats = await Promise.all(
      [record(field('a', 'int')), record(field('a', 'int')), record(field('a', 'long'))].map(
        async (schema) => (await avro({ registry, schema })).format,
      ),
    );
    expect(formats[0]).toBe(formats[1]);
    expect(formats[0]).not.toBe(formats[2]);
  });
});

describe('a few bytes', () => {
  /** A long of Avro. */
  const long = (value: bigint): number[] => {
    const bytes: number[] = [];
    let left = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
    return [...bytes, Number(left)];
  };
  const nulls = { type: 'array', items: 'null' };
  const kept = record(field('n', nulls));
  const skipped = record(field('n', nulls), field('a', 'int'));

  it.each([
    ['an array of nothing', nulls, nulls, [...long(50_000_000n), 0]],
    ['many blocks of nothing', nulls, nulls, Array<number[]>(20).fill(long(9_000n)).flat()],
    ['an array longer than its bytes', { type: 'array', items: 'int' }, null, long(50_000_000n)],
    ['a map of nothing', { type: 'map', values: 'null' }, null, long(2n ** 40n)],
    ['a block with a size', nulls, nulls, [...long(-50_000_000n), 0, 0]],
    [
      'arrays of arrays',
      { type: 'array', items: nulls },
      null,
      [4, ...long(9_000n), 0, ...long(9_000n)],
    ],
    ['a field that is skipped', skipped, record(field('a', 'int')), [...long(2n ** 52n), 0, 2]],
    ['a size that leads back', skipped, record(field('a', 'int')), [...long(-1n), ...long(-9n), 0]],
    ['an array in a record', kept, kept, [...long(50_000_000n), 0]],
  ])('cannot become much: %s', async (_, writer, reader, payload) => {
    const { bytes } = await reading(writer, reader ?? writer);
    expect(await bytes(...payload)).toMatchObject({ code: 'DESERIALIZATION' });
  });

  it('cannot exhaust the stack of the process', async () => {
    const list = record(field('next', ['null', 'R']));
    const { bytes } = await reading(list, list);
    const payload = Array<number>(500_000).fill(2);
    expect(await bytes(...payload.slice(0, 50_000), 0)).toMatchObject({ code: 'DESERIALIZATION' });
  });

  it('cannot give an object another prototype', async () => {
    const map = { type: 'map', values: record(field('x', 'int')) };
    const { bytes } = await reading(map, map);
    const name = Buffer.from('__proto__');
    expect(await bytes(2, name.length * 2, ...name, 2, 0)).toMatchObject({
      code: 'DESERIALIZATION',
    });
  });

  it('of any kind give a value or an error of a code', async () => {
    const schema = record(
      field('a', { type: 'array', items: { type: 'map', values: ['null', 'string', 'long'] } }),
      field('b', 'bytes'),
      field('c', { type: 'enum', name: 'E', symbols: ['X', 'Y'] }),
    );
    const { serde } = await reading(schema, schema);
    await serde.prepare?.(Buffer.from([0, 0, 0, 0, 1]));
    const law = fc.property(fc.uint8Array({ maxLength: 60 }), (payload) => {
      const bytes = Buffer.from([0, 0, 0, 0, 1, ...payload]);
      const outcome = outcomeOf(() => serde.deserialize(bytes));
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'DESERIALIZATION' });
    });
    fc.assert(law, propertyOptions(3000));
  });
});
