import type avsc from 'avsc';
import type { ForSchemaOptions, Schema, Type, types } from 'avsc';
import { SerdeError } from '../../core/model/errors.ts';
import { bigintLongs, safeLongs } from './long-types.ts';

/** How 64-bit integers are given: numbers up to 2^53 - 1, above which is refused, or bigints. */
export type LongAs = 'number' | 'bigint';

/** What is left of the items of all arrays and maps that the record at work may have. */
export interface ItemBudget {
  items: number;
}

/** What avsc reads bytes with. */
interface Tap {
  pos: number;
  readLong(): number;
  skipLong(): void;
  skipString(): void;
  readString(): string;
}

interface Inner {
  _read(tap: Tap): unknown;
  _skip(tap: Tap): void;
}

/** Times as numbers: they are safe for longer than anyone counts. */
const timeTypes = ['timestamp-millis', 'timestamp-micros', 'time-micros'].flatMap((name) => [
  name,
  `local-${name}`,
]);

/** Makes types of schemas, with bounds on what a few bytes may blow up to. */
export class AvroTypes {
  private readonly arrays: new (schema: Schema, options: ForSchemaOptions) => Type;
  private readonly maps: new (schema: Schema, options: ForSchemaOptions) => Type;
  private readonly longs: Type;
  private readonly times: Type;

  constructor(
    private readonly library: typeof avsc,
    long: LongAs,
    budget: ItemBudget,
  ) {
    this.arrays = boundedArray(library.types.ArrayType, budget);
    this.maps = boundedMap(library.types.MapType, budget);
    this.times = safeLongs(library);
    this.longs = long === 'bigint' ? bigintLongs(library) : this.times;
  }

  /** @throws {Error} what avsc throws for a schema that is none. */
  of(schema: string): Type {
    const parsed = JSON.parse(schema) as Schema; // avsc checks it
    const typeHook = (own: Schema, options: ForSchemaOptions) => this.typeOf(own, options);
    return this.library.Type.forSchema(parsed, { typeHook, omitRecordMethods: true });
  }

  private typeOf(schema: Schema, options: ForSchemaOptions): Type | undefined {
    if (schema === 'long') return this.longs;
    if (typeof schema !== 'object' || !('type' in schema)) return undefined;
    const { type, logicalType } = schema as { type: unknown; logicalType?: unknown }; // any schema
    if (type === 'array') return new this.arrays(schema, options);
    if (type === 'map') return new this.maps(schema, options);
    if (type !== 'long') return undefined;
    const isTime = typeof logicalType === 'string' && timeTypes.includes(logicalType);
    return isTime ? this.times : this.longs;
  }
}

/** The count of a block, after the size that a negative one has behind it. */
function blockCount(tap: Tap, budget: ItemBudget): number {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.skipLong();
  }
  if (count > budget.items) {
    throw new SerdeError('DESERIALIZATION', 'an array or a map has more items than bytes can hold');
  }
  budget.items -= count;
  return count;
}

function boundedArray(ArrayType: typeof types.ArrayType, budget: ItemBudget) {
  return class extends ArrayType {
    // Called as a method of a resolver too, which has the items of the writer.
    _read(this: { itemsType: Inner }, tap: Tap): unknown[] {
      const { itemsType } = this;
      const items: unknown[] = [];
      for (let count = blockCount(tap, budget); count > 0; count = blockCount(tap, budget)) {
        for (let left = count; left > 0; left -= 1) items.push(itemsType._read(tap));
      }
      return items;
    }

    _skip(this: { itemsType: Inner }, tap: Tap): void {
      const { itemsType } = this;
      for (let count = blockCount(tap, budget); count > 0; count = blockCount(tap, budget)) {
        for (let left = count; left > 0; left -= 1) itemsType._skip(tap);
      }
    }
  };
}

function boundedMap(MapType: typeof types.MapType, budget: ItemBudget) {
  return class extends MapType {
    _read(this: { valuesType: Inner }, tap: Tap): object {
      const { valuesType } = this;
      const values: Record<string, unknown> = {};
      for (let count = blockCount(tap, budget); count > 0; count = blockCount(tap, budget)) {
        for (let left = count; left > 0; left -= 1) {
          const name = tap.readString();
          if (name === '__proto__') {
            throw new SerdeError('DESERIALIZATION', 'a map has a field called __proto__');
          }
          values[name] = valuesType._read(tap);
        }
      }
      return values;
    }

    _skip(this: { valuesType: Inner }, tap: Tap): void {
      const { valuesType } = this;
      for (let count = blockCount(tap, budget); count > 0; count = blockCount(tap, budget)) {
        for (let left = count; left > 0; left -= 1) {
          tap.skipString();
          valuesType._skip(tap);
        }
      }
    }
  };
}
