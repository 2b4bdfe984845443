import { describe, expect, it } from 'vitest';
import { headersOf, noHeaders } from '../../../src/core/model/headers.ts';

const bytes = (text: string) => Buffer.from(text);

describe('headers', () => {
  it('there are none at first', () => {
    expect([noHeaders.size, noHeaders.get('a'), noHeaders.getAll('a')]).toEqual([0, undefined, []]);
    expect(headersOf([])).toBe(noHeaders);
  });

  it('a name may stand several times: the last one counts, all are kept in order', () => {
    const headers = headersOf([
      ['a', bytes('1')],
      ['b', bytes('2')],
      ['a', bytes('3')],
    ]);
    expect(headers.get('a')).toEqual(bytes('3'));
    expect(headers.getAll('a')).toEqual([bytes('1'), bytes('3')]);
    expect(headers.entries().map(([name]) => name)).toEqual(['a', 'b', 'a']);
    expect(headers.size).toBe(3);
  });

  it('adding makes a copy and leaves the old ones alone', () => {
    const one = noHeaders.with('a', bytes('1'));
    const two = one.with('b', 'ü');
    expect(noHeaders.size).toBe(0);
    expect(one.size).toBe(1);
    expect(two.get('b')).toEqual(new Uint8Array([0xc3, 0xbc]));
  });

  it('names of prototypes are names like any other', () => {
    expect(noHeaders.get('__proto__')).toBeUndefined();
    expect(noHeaders.with('constructor', 'x').getAll('constructor')).toHaveLength(1);
  });
});
