import { isIP } from 'node:net';

/** An address in one form, whatever form it came in. */
export interface Address {
  readonly family: 4 | 6;
  /** Without port, brackets and zone; an IPv4-mapped one as IPv4. */
  readonly text: string;
  /** Its bytes two by two: 2 numbers of 16 bits, or 8. */
  readonly groups: readonly number[];
}

/** Longer texts are none: `[`, 45 characters, `%`, a zone of 16, `]:65535`, some blanks. */
export const maxAddressCharacters = 80;

/**
 * Reads an address as logs and proxies write it: with a port (`8.8.8.8:443`, `[2001:db8::1]:443`),
 * in brackets, with a zone (`fe80::1%eth0`), or mapped (`::ffff:8.8.8.8`, RFC 4291, 2.5.5.2, which
 * is then IPv4). Null: it is none, a list of several is none either. Never throws.
 */
export function readAddress(given: string): Address | null {
  if (given.length > maxAddressCharacters) return null;
  const text = withoutZone(withoutPort(given.trim()));
  const family = isIP(text);
  if (family === 4) return ipv4(text);
  if (family !== 6) return null;
  const groups = ipv6Groups(text);
  if (!isMapped(groups)) return { family: 6, text: text.toLowerCase(), groups };
  const [high = 0, low = 0] = groups.slice(6);
  return ipv4([high >> 8, high & 0xff, low >> 8, low & 0xff].join('.'));
}

/** The network of an address: /24 of IPv4, /48 of IPv6, the rest of the bits zero. */
export function networkOf({ family, text, groups }: Address): string {
  if (family === 4) return `${text.slice(0, text.lastIndexOf('.'))}.0`;
  const kept = groups.slice(0, 3);
  while (kept.at(-1) === 0) kept.pop();
  return `${kept.map((group) => group.toString(16)).join(':')}::`;
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text);
  if (bracketed !== null) return bracketed[1] ?? '';
  // One colon and dots: IPv6 has two colons at least.
  const colon = text.indexOf(':');
  if (colon < 0 || colon !== text.lastIndexOf(':')) return text;
  return /^\d{1,5}$/.test(text.slice(colon + 1)) ? text.slice(0, colon) : text;
}

function withoutZone(text: string): string {
  const percent = text.indexOf('%');
  // IPv4 has no zones: what looks like one is refused by `isIP`.
  return percent < 0 || !text.includes(':') ? text : text.slice(0, percent);
}

function ipv4(text: string): Address {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return { family: 4, text, groups: [(a << 8) | b, (c << 8) | d] };
}

/** Of a text that is IPv6 for sure. */
function ipv6Groups(text: string): readonly number[] {
  const [left = '', right] = text.split('::');
  const before = groupsOf(left);
  if (right === undefined) return before;
  const after = groupsOf(right);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function groupsOf(part: string): readonly number[] {
  if (part === '') return [];
  return part
    .split(':')
    .flatMap((group) => (group.includes('.') ? ipv4(group).groups : [parseInt(group, 16)]));
}

function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}
