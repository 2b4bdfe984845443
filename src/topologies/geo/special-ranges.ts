import { type Address, readAddress } from './address.ts';

/**
 * Addresses that are nobody's place in the world. Sources: the IANA IPv4 and IPv6 Special-Purpose
 * Address Registries (RFC 6890), entries that are not globally reachable, and the multicast blocks
 * of the IANA IPv4 and IPv6 address space registries.
 */
const ipv4Ranges = [
  '0.0.0.0/8', // this network, RFC 791
  '10.0.0.0/8', // private use, RFC 1918
  '100.64.0.0/10', // shared address space of carrier-grade NAT, RFC 6598
  '127.0.0.0/8', // loopback, RFC 1122
  '169.254.0.0/16', // link local, RFC 3927
  '172.16.0.0/12', // private use, RFC 1918
  '192.0.0.0/24', // IETF protocol assignments, RFC 6890
  '192.0.2.0/24', // documentation, RFC 5737
  '192.168.0.0/16', // private use, RFC 1918
  '198.18.0.0/15', // benchmarking, RFC 2544
  '198.51.100.0/24', // documentation, RFC 5737
  '203.0.113.0/24', // documentation, RFC 5737
  '224.0.0.0/4', // multicast, RFC 5771
  '240.0.0.0/4', // reserved, RFC 1112; the limited broadcast is its last, RFC 919
];

const ipv6Ranges = [
  '::/128', // unspecified, RFC 4291
  '::1/128', // loopback, RFC 4291
  '64:ff9b:1::/48', // translation between IPv4 and IPv6, local use, RFC 8215
  '100::/64', // discard only, RFC 6666
  '100:0:0:1::/64', // dummy prefix, RFC 9780
  '2001:2::/48', // benchmarking, RFC 5180
  '2001:10::/28', // ORCHID, deprecated, RFC 4843
  '2001:db8::/32', // documentation, RFC 3849
  '3fff::/20', // documentation, RFC 9637
  '5f00::/16', // segment routing, RFC 9602
  'fc00::/7', // unique local, RFC 4193
  'fe80::/10', // link local, RFC 4291
  'fec0::/10', // site local, deprecated, RFC 3879
  'ff00::/8', // multicast, RFC 4291
];

interface Range {
  readonly groups: readonly number[];
  readonly bits: number;
}

/** By the first byte of an address: for most there are none to look at. */
const ranges = { 4: byFirstByte(ipv4Ranges), 6: byFirstByte(ipv6Ranges) };

/** Whether an address is of a network of its own, or of none: it has no place. */
export function isPrivate({ family, groups }: Address): boolean {
  const near = ranges[family][(groups[0] ?? 0) >> 8];
  return near !== undefined && near.some((range) => holds(range, groups));
}

function byFirstByte(texts: readonly string[]): readonly (readonly Range[] | undefined)[] {
  const all = texts.map(rangeOf);
  return Array.from({ length: 256 }, (_, byte) => {
    const near = all.filter(({ groups, bits }) => {
      return holds({ groups, bits: Math.min(bits, 8) }, [byte << 8]);
    });
    return near.length === 0 ? undefined : near;
  });
}

function holds({ groups, bits }: Range, given: readonly number[]): boolean {
  for (let at = 0; at * 16 < bits; at += 1) {
    const unused = Math.max(0, 16 - (bits - at * 16));
    if ((given[at] ?? 0) >> unused !== (groups[at] ?? 0) >> unused) return false;
  }
  return true;
}

function rangeOf(range: string): Range {
  const [address = '', bits] = range.split('/');
  return { groups: readAddress(address)?.groups ?? [], bits: Number(bits) };
}
