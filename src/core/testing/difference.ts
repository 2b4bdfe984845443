import { isDeepStrictEqual } from 'node:util';
import { isPlain } from './deep-freeze.ts';

/**
 * Where two values differ, as `at 'a.0.b'`, or null if they are equal. 0 and -0 are equal: JSON
 * knows but one of them.
 */
export function differenceOf(left: unknown, right: unknown, path = ''): string | null {
  if (left === right || (Number.isNaN(left) && Number.isNaN(right))) return null;
  const here = path === '' ? 'as a whole' : `at '${path}'`;
  if (typeof left !== 'object' || typeof right !== 'object') return here;
  if (left === null || right === null) return here;
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return Buffer.compare(left, right) === 0 ? null : here;
  }
  if (!isPlain(left) || !isPlain(right)) return isDeepStrictEqual(left, right) ? null : here;
  if (Array.isArray(left) !== Array.isArray(right)) return here;
  return membersDiffer(left, right, path);
}

function membersDiffer(left: object, right: object, path: string): string | null {
  const members = new Map<string, unknown>(Object.entries(right));
  for (const [name, member] of Object.entries(left)) {
    const own = path === '' ? name : `${path}.${name}`;
    if (!members.has(name)) return `at '${own}', which is left out`;
    const found = differenceOf(member, members.get(name), own);
    if (found !== null) return found;
    members.delete(name);
  }
  const [added] = members.keys();
  return added === undefined ? null : `at '${path === '' ? added : `${path}.${added}`}'`;
}
