import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes } from '../../src/core/serde/bytes.ts';
import { ByteWriter, readInt64 } from '../../src/state/byte-writer.ts';
import {
  unescape,
  windowKeyFloor,
  windowKeyLayout,
  writeEscaped,
} from '../../src/state/key-codec.ts';
import { propertyOptions } from '../support/property-options.ts';

/** Bytes around those that are escaped, so that prefixes and escapes collide. */
const key = fc.array(fc.constantFrom(0x00, 0x01, 0x61, 0xfe, 0xff), { maxLength: 6 });
const timeMs = fc.oneof(fc.nat(300), fc.constantFrom(255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1));
const row = fc.record({
  key: key.map((list) => Buffer.from(list)),
  startMs: timeMs,
  endMs: timeMs,
});
type Row = { readonly key: Buffer; readonly startMs: number; readonly endMs: number };

const layout = windowKeyLayout(bytes());
function encode({ key, startMs, endMs }: Row): Buffer {
  const writer = new ByteWriter();
  layout.write(writer, key, startMs, endMs);
  return writer.copy(0, writer.length);
}
const sign = (left: number, right: number) => Math.sign(left - right);

describe('a window key', () => {
  it('comes back as the parts it was made of', () => {
    const law = fc.property(row, (row) => {
      expect(layout.read(encode(row))).toEqual(row);
      expect(layout.endMs(encode(row))).toBe(row.endMs);
    });
    fc.assert(law, propertyOptions(1000));
  });

  it('sorts by end, then key, then start', () => {
    const law = fc.property(row, row, (left, right) => {
      const order =
        sign(left.endMs, right.endMs) ||
        Buffer.compare(left.key, right.key) ||
        sign(left.startMs, right.startMs);
      expect(Buffer.compare(encode(left), encode(right))).toBe(order);
    });
    fc.assert(law, propertyOptions(2000));
  });

  it('is no prefix of another one', () => {
    const law = fc.property(row, row, (left, right) => {
      const [one, other] = [encode(left), encode(right)];
      expect(other.subarray(0, one.length).equals(one)).toBe(one.equals(other));
    });
    fc.assert(law, propertyOptions(2000));
  });

  it('is at or behind the floor of its end, and before that of the next', () => {
    const law = fc.property(row, (row) => {
      expect(Buffer.compare(encode(row), windowKeyFloor(row.endMs))).toBeGreaterThanOrEqual(0);
      if (row.endMs === Number.MAX_SAFE_INTEGER) return;
      expect(Buffer.compare(encode(row), windowKeyFloor(row.endMs + 1))).toBeLessThan(0);
    });
    fc.assert(law, propertyOptions(500));
  });
});

describe('an escaped key', () => {
  const escaped = (list: readonly number[]) => {
    const writer = new ByteWriter();
    writeEscaped(writer, Buffer.from(list));
    return writer.copy(0, writer.length);
  };

  it('is unescaped to what it was', () => {
    const law = fc.property(key, (list) => {
      expect([...unescape(escaped(list).subarray(0, -1))]).toEqual(list);
    });
    fc.assert(law, propertyOptions(500));
  });
});

it('an integer of 8 bytes is any safe integer, and sorts where it is not negative', () => {
  const law = fc.property(fc.maxSafeInteger(), (value) => {
    const writer = new ByteWriter();
    writer.int64(value);
    expect(readInt64(writer.buffer, 0)).toBe(value);
    expect(writer.buffer.readBigInt64BE(0)).toBe(BigInt(value));
  });
  fc.assert(law, propertyOptions(500));
});
