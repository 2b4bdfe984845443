import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, networkOf, readAddress } from '../../../src/topologies/geo/address.ts';
import { isPrivate } from '../../../src/topologies/geo/special-ranges.ts';

/** As a URL has it: another reader of addresses. */
function canonical(text: string): string {
  return new URL(text.includes(':') ? `http://[${text}]` : `http://${text}`).hostname;
}

function textOf({ family, groups }: Address): string {
  if (family === 6) return groups.map((group) => group.toString(16)).join(':');
  return groups.flatMap((group) => [group >> 8, group & 255]).join('.');
}

describe('an address is read', () => {
  it.each([
    ['8.8.8.8', '8.8.8.8'],
    [' 8.8.8.8 ', '8.8.8.8'],
    ['8.8.8.8:443', '8.8.8.8'],
    ['[8.8.8.8]:443', '8.8.8.8'],
    ['::ffff:8.8.8.8', '8.8.8.8'],
    ['::FFFF:808:808', '8.8.8.8'],
    ['0:0:0:0:0:ffff:8.8.8.8', '8.8.8.8'],
    ['[::ffff:8.8.8.8]:443', '8.8.8.8'],
    ['2001:4860:4860::8888', '2001:4860:4860::8888'],
    ['2001:4860:4860::8888'.toUpperCase(), '2001:4860:4860::8888'],
    ['[2001:4860:4860::8888]', '2001:4860:4860::8888'],
    ['[2001:4860:4860::8888]:65535', '2001:4860:4860::8888'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%eth0]:80', 'fe80::1'],
    ['::', '::'],
    ['::1', '::1'],
  ])('%j is %s', (given, text) => {
    expect(readAddress(given)?.text).toBe(text);
  });

  it.each([
    '',
    ' ',
    '-',
    'localhost',
    '8.8.8',
    '8.8.8:443',
    '8.8.8.8:',
    '8.8.8.8:https',
    '8.8.8.8:443:1',
    '8.8.8.256',
    '08.8.8.8',
    '8.8.8.8%eth0',
    '8.8.8.8/24',
    '8.8.8.8, 10.0.0.1',
    '[8.8.8.8',
    '[]',
    '1::2::3',
    '2001:db8:::1',
    '2001:db8::1]:443',
    '::ffff:8.8.8',
    '٨.٨.٨.٨',
    '8.8.8.8\u0000',
    `::1%${'x'.repeat(100_000)}`,
  ])('%j is none', (given) => {
    expect(readAddress(given)).toBe(null);
  });

  it('never throws, and gives what `isIP` takes, in one form', () => {
    const part = fc.constantFrom('8', '.', ':', '::', 'ffff', '[', ']', '%', 'f', '255', ' ', '0');
    const odd = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(odd, fc.string(), fc.ipV4(), fc.ipV6()), (given) => {
        const address = readAddress(given);
        if (address === null) return;
        expect(isIP(address.text)).toBe(address.family);
        expect(address.groups).toHaveLength(address.family === 4 ? 2 : 8);
        expect(readAddress(address.text)).toEqual(address);
        expect(canonical(textOf(address))).toBe(canonical(address.text));
        const network = readAddress(networkOf(address));
        const kept = address.family === 4 ? 1 : 3;
        expect(network?.groups.slice(0, kept)).toEqual(address.groups.slice(0, kept));
        expect(networkOf(network ?? address)).toBe(networkOf(address));
      }),
    );
  });
});

describe('the network of an address', () => {
  it.each([
    ['8.8.4.4', '8.8.4.0'],
    ['2001:4860:4860:1:2:3:4:5', '2001:4860:4860::'],
    ['2001:4860::8888', '2001:4860::'],
    ['2001:0:1::', '2001:0:1::'],
    ['::1', '::'],
  ])('of %s is %s', (given, network) => {
    const address = readAddress(given);
    expect(address === null ? null : networkOf(address)).toBe(network);
  });
});

describe('an address without a place', () => {
  const first = ['0.0.0.0', '10.0.0.0', '100.64.0.0', '127.0.0.1', '169.254.0.0', '172.16.0.0'];
  const documentation = ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'];
  const last = ['100.127.255.255', '172.31.255.255', '192.168.255.255', '198.19.255.255'];
  const far = ['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'];
  const ipv6 = ['::', '::1', 'fc00::', 'fdff::1', 'fe80::1', 'febf::1', 'fec0::1', 'ff02::1'];
  const mapped = ['::ffff:10.0.0.1', '::ffff:c0a8:1'];
  it.each([...first, ...documentation, ...last, ...far, ...ipv6, ...mapped])('%s', (text) => {
    const address = readAddress(text);
    expect(address !== null && isPrivate(address)).toBe(true);
  });

  const below = ['9.255.255.255', '100.63.255.255', '126.255.255.255', '172.15.255.255'];
  const above = ['1.0.0.0', '11.0.0.0', '100.128.0.0', '128.0.0.0', '172.32.0.0', '192.169.0.0'];
  const beside = ['198.17.255.255', '198.20.0.0', '223.255.255.255', '192.0.1.0', '203.0.112.255'];
  const public6 = [
    '::2',
    '2001:db7::1',
    '2001:db9::1',
    '4000::',
    'fbff::1',
    'fe00::1',
    '2001:2:1::',
  ];
  it.each([...below, ...above, ...beside, ...public6])('not %s', (text) => {
    const address = readAddress(text);
    expect(address !== null && !isPrivate(address)).toBe(true);
  });
});
