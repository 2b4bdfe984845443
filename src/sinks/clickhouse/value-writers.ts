import { dayOfDate } from '../../core/model/calendar-days.ts';
import { SerdeError } from '../../core/model/errors.ts';
import { kindOf } from '../../core/serde/range-serde.ts';
import type { ColumnType } from './column-type.ts';

/** A value as it stands in a row of JSONEachRow. */
export type ValueWriter = (value: unknown) => string;

/**
 * ClickHouse takes many a wrong value without a word: 300 becomes 44 in a UInt8, null the default
 * of the column, a 13th month 1970-01-01, and decimals are cut. So what a column cannot hold
 * exactly is refused here.
 */
export function valueWriter(column: string, type: ColumnType): ValueWriter {
  const refuse = (value: unknown, rule: string): never => {
    const text = `the column '${column}' takes ${rule}, got ${kindOf(value)}`;
    throw new SerdeError('SERIALIZATION', text);
  };
  return writerOf(type, refuse);
}

type Refuse = (value: unknown, rule: string) => never;

function writerOf(type: ColumnType, refuse: Refuse): ValueWriter {
  switch (type.kind) {
    case 'nullable': {
      const write = writerOf(type.of, refuse);
      return (value) => (value === null ? 'null' : write(value));
    }
    case 'array': {
      const write = writerOf(type.of, refuse);
      // Not by `map`, which passes over holes.
      return (value) =>
        Array.isArray(value)
          ? `[${Array.from(value, write).join(',')}]`
          : refuse(value, 'an array');
    }
    case 'map':
      return mapWriter(writerOf(type.of, refuse), refuse);
    case 'bool':
      return (value) => (typeof value === 'boolean' ? String(value) : refuse(value, 'a boolean'));
    case 'integer':
      return integerWriter(type, refuse);
    case 'float':
      return floatWriter(type.bits, refuse);
    case 'decimal':
      return decimalWriter(type, refuse);
    case 'time':
      return timeWriter(type, refuse);
    default:
      return textWriter(type, refuse);
  }
}

function mapWriter(write: ValueWriter, refuse: Refuse): ValueWriter {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse(value, 'an object');
    }
    const entries = Object.entries(value).map(
      ([key, inner]) => `${quoted(key, refuse)}:${write(inner)}`,
    );
    return `{${entries.join(',')}}`;
  };
}

type Integer = ColumnType & { readonly kind: 'integer' };

function integerWriter({ min, max }: Integer, refuse: Refuse): ValueWriter {
  // Comparing numbers with numbers is what most rows need, and is ten times as fast.
  const least = Math.max(Number(min), Number.MIN_SAFE_INTEGER);
  const greatest = Math.min(Number(max), Number.MAX_SAFE_INTEGER);
  const rule = `whole numbers from ${min} to ${max}, safe ones or bigints`;
  return (value) => {
    if (typeof value === 'number') {
      const isExact = Number.isInteger(value) && value >= least && value <= greatest;
      return isExact ? `${value}` : refuse(value, rule);
    }
    if (typeof value !== 'bigint' || value < min || value > max) return refuse(value, rule);
    // Quoted, it is read back exactly; ClickHouse takes both.
    return value >= least && value <= greatest ? `${value}` : `"${value}"`;
  };
}

function floatWriter(bits: 32 | 64, refuse: Refuse): ValueWriter {
  const isTooLarge = (value: number) => bits === 32 && !Number.isFinite(Math.fround(value));
  return (value) => {
    if (typeof value !== 'number') return refuse(value, 'numbers');
    if (Object.is(value, -0)) return '-0';
    if (Number.isNaN(value)) return '"nan"';
    if (!Number.isFinite(value)) return value > 0 ? '"inf"' : '"-inf"';
    return isTooLarge(value) ? refuse(value, 'numbers that a Float32 can hold') : `${value}`;
  };
}

type Decimal = ColumnType & { readonly kind: 'decimal' };

function decimalWriter({ precision, scale }: Decimal, refuse: Refuse): ValueWriter {
  const whole = precision - scale;
  const pattern = new RegExp(
    `^-?0*\\d{0,${whole}}${scale === 0 ? '' : `(?:\\.\\d{1,${scale}})?`}$`,
  );
  const rule = `decimals of ${whole} digits before the point and ${scale} behind it`;
  return (value) => {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || !/^-?\d/.test(text)) return refuse(value, rule);
    return pattern.test(text) ? `"${text}"` : refuse(value, rule);
  };
}

type Time = ColumnType & { readonly kind: 'time' };

/** Limits of the documented ranges: 1970 to 2106; 1900 to 2299, in nanoseconds up to 2262. */
const maxSeconds32Ms = 4_294_967_295_000;
const year1900Ms = -2_208_988_800_000;
const year2299Ms = 10_413_791_999_999;
const maxNanoseconds64Ms = 9_223_372_036_854;

function timeWriter({ scale, isWide }: Time, refuse: Refuse): ValueWriter {
  const [least, greatest] = isWide
    ? [year1900Ms, scale > 8 ? maxNanoseconds64Ms : year2299Ms]
    : [0, maxSeconds32Ms];
  const stepMs = scale < 3 ? 10 ** (3 - scale) : 1;
  const zeros = '0'.repeat(Math.max(0, scale - 3));
  const step = stepMs === 1 ? '' : `, multiples of ${stepMs}`;
  const rule = `epoch milliseconds from ${least} to ${greatest}${step}`;
  return (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value / stepMs)) return refuse(value, rule);
    if (value < least || value > greatest) return refuse(value, rule);
    // A number counts the units of the column, whatever time zone or text format is set.
    const units = value / stepMs;
    return units === 0 ? '0' : `${units}${zeros}`;
  };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function textWriter(
  type: ColumnType & { readonly kind: 'text' | 'fixed-text' | 'date' | 'enum' },
  refuse: Refuse,
): ValueWriter {
  const [rule, holds] = textRule(type);
  return (value) =>
    typeof value === 'string' && holds(value) ? quoted(value, refuse) : refuse(value, rule);
}

function textRule(
  type: ColumnType & { readonly kind: 'text' | 'fixed-text' | 'date' | 'enum' },
): readonly [rule: string, holds: (value: string) => boolean] {
  switch (type.kind) {
    case 'fixed-text':
      return [
        `text of at most ${type.maxBytes} bytes`,
        (value) => Buffer.byteLength(value) <= type.maxBytes,
      ];
    case 'date':
      return [
        `dates like '2024-01-31' from ${type.first} to ${type.last}`,
        (value) => isDate(value) && value >= type.first && value <= type.last,
      ];
    case 'enum': {
      const names = new Set(type.names);
      return [`one of '${type.names.join("', '")}'`, (value) => names.has(value)];
    }
    default:
      return type.name === 'UUID' ? ['UUIDs', (value) => uuid.test(value)] : ['text', () => true];
  }
}

/** Whether a text like '2024-02-29' names a day that there is. */
function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  return dayOfDate(Number(year), Number(month), Number(day)) !== null;
}

const loneSurrogate = /\p{Surrogate}/u;

function quoted(value: string, refuse: Refuse): string {
  const text = JSON.stringify(value);
  // Only escapes make it longer, and only a lone surrogate needs one that cannot be read.
  const isPlain = text.length === value.length + 2;
  if (!isPlain && loneSurrogate.test(value)) {
    return refuse(value, 'text in Unicode, without half a surrogate pair');
  }
  return text;
}
