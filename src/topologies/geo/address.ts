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
  const [, , , , , , high = 0, low = 0] = groups;
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
  const colon = text.indexOf(':');
  if (text.startsWith('[')) return /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? '';
  // One colon: IPv6 has two at least.
  if (colon < 0 || colon !== text.lastIndexOf(':')) return text;
  return /^\d{1,5}$/.test(text.slice(colon + 1)) ? text.slice(0, colon) : text;
}

function withoutZone(text: string): string {
  const percent = text.indexOf('%');
  // IPv4 has no zones: what looks like one is refused by `isIP`.
  return percent < 0 || !text.includes(':') ? text : text.slice(0, percent);
}

/** Of a text that is IPv4 for sure. Its digits are read one by one: this is the hot path. */
function ipv4(text: string): Address {
  let bits = 0;
  let byte = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === dot) {
      bits = (bits << 8) | byte;
      byte = 0;
    } else byte = byte * 10 + code - zero;
  }
  bits = (bits << 8) | byte;
  return { family: 4, text, groups: [bits >>> 16, bits & 0xffff] };
}

/** Of a text that is IPv6 for sure. */
function ipv6Groups(text: string): readonly number[] {
  const groups: number[] = [];
  let group = 0;
  let gapAt = -1;
  let hasDigits = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === dot) {
      groups.push(...ipv4(text.slice(text.lastIndexOf(':') + 1)).groups);
      hasDigits = false;
      break;
    }
    if (code !== colon) {
      group = group * 16 + (code <= nine ? code - zero : (code | lowerCase) - letterTen);
      hasDigits = true;
      continue;
    }
    if (hasDigits) groups.push(group);
    if (text.charCodeAt(at + 1) === colon) gapAt = groups.length;
    group = 0;
    hasDigits = false;
  }
  if (hasDigits) groups.push(group);
  if (gapAt < 0) return groups;
  const zeros = new Array<number>(8 - groups.length).fill(0);
  return [...groups.slice(0, gapAt), ...zeros, ...groups.slice(gapAt)];
}

const dot = 46;
const colon = 58;
const zero = 48;
const nine = 57;
const lowerCase = 32;
/** `a` less the ten it stands for. */
const letterTen = 87;

function isMapped(groups: readonly number[]): boolean {
  return (
    groups[0] === 0 && groups[5] === 0xffff && groups.slice(1, 5).every((group) => group === 0)
  );
}
