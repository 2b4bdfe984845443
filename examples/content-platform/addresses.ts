/** Networks of some countries, as the database of DB-IP of which the demo is made knows them. */
const networks: readonly (readonly [country: string, ...prefixes: string[]])[] = [
  ['US', '23.20.5.', '8.8.8.'],
  ['DE', '91.0.12.', '2003:c0::'],
  ['GB', '212.58.244.', '2a02:c7c::'],
  ['FR', '2.3.4.', '2a01:e0a::'],
  ['IN', '117.192.0.', '2405:201::'],
  ['BR', '200.147.3.', '2804:14c::'],
  ['JP', '133.11.0.', '2400:4050::'],
  ['NO', '84.208.1.', '2a01:79c::'],
  ['AU', '1.128.0.', '2001:8000::'],
  ['KE', '2c0f:fb50::'],
];

export interface Address {
  readonly ip: string;
  /** Null: a private address, which is of no country. */
  readonly country: string | null;
}

/** An address of the country at a rank from 1: the first have the most visitors. */
export function addressAt(rank: number, host: number, share: number): Address {
  const [country, ...prefixes] = networks[rank - 1] ?? ['', '10.1.2.'];
  const prefix = prefixes[Math.floor(share * prefixes.length)] ?? '';
  const ip = prefix.endsWith(':') ? `${prefix}${host.toString(16)}` : `${prefix}${host}`;
  return { ip, country: country === '' ? null : country };
}

/** The last rank has private addresses. */
export const addressRanks = networks.length + 1;
