import { readFile, stat } from 'node:fs/promises';
import type { Reader } from 'maxmind';
import type * as Maxmind from 'maxmind';
import { ConfigError } from '../../core/model/errors.ts';
import { messageOf } from '../../core/model/message-of.ts';
import type { Address } from './address.ts';
import { BoundedCache } from './bounded-cache.ts';

/** A database in memory. */
export interface Database {
  readonly path: string;
  /** What makes one version of the file another than the next. */
  readonly version: string;
  /** The record of an address; null: it has none. Throws where the file is damaged. */
  get(address: Address): unknown;
}

/**
 * Reads an MMDB file whole. Of its records at most `maxCached` are kept decoded.
 *
 * @throws {ConfigError} `GEO_DATABASE` if it cannot be read, or is damaged as far as that shows;
 * `PACKAGE_MISSING` without the package `maxmind`.
 */
export async function readDatabase(path: string, maxCached: number): Promise<Database> {
  const { Reader } = await loadMaxmind();
  try {
    const { version, bytes } = await readWhole(path);
    const reader = new Reader<never>(bytes, { cache: new BoundedCache(maxCached) });
    checkLayout(reader, bytes);
    const database = { path, version, get: lookUpIn(reader) };
    for (const address of probes()) database.get(address);
    return database;
  } catch (cause) {
    throw new ConfigError(
      'GEO_DATABASE',
      `Cannot open the geo database '${path}': ${messageOf(cause)}. Give a whole file in MaxMind's ` +
        'MMDB format, unpacked.',
      { cause },
    );
  }
}

/** Null where there is no such file now. */
export async function versionOf(path: string): Promise<string | null> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return null;
  }
}

/** The bytes of one version: a file that is written meanwhile is read again. */
async function readWhole(path: string): Promise<{ version: string; bytes: Buffer }> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const before = await versionOf(path);
    const bytes = await readFile(path);
    const version = await versionOf(path);
    if (version !== null && version === before) return { version, bytes };
  }
  throw new Error('it changes while it is read: replace it by renaming another file');
}

/** The package trusts the numbers at the end of the file; these are checked here. */
function checkLayout({ metadata }: Reader<never>, bytes: Buffer): void {
  const { ipVersion, searchTreeSize, nodeCount, recordSize } = metadata;
  if (ipVersion !== 4 && ipVersion !== 6) throw new Error(`IP version ${ipVersion} is not known`);
  // MaxMind DB File Format, 2.0: "the data section separator is 16 bytes of zeros".
  const separator = bytes.subarray(searchTreeSize, searchTreeSize + 16);
  if (separator.length === 16 && separator.every((byte) => byte === 0)) return;
  throw new Error(`there is no tree of ${nodeCount} nodes of 2 x ${recordSize} bits in it`);
}

function lookUpIn(reader: Reader<never>): Database['get'] {
  const { ipVersion } = reader.metadata;
  return ({ family, text }) => {
    // The package would walk a tree of 32 bits with the first 32 of 128, and answer.
    if (family === 6 && ipVersion === 4) return null;
    return reader.get(text);
  };
}

/** One address of each block of 2^24 in IPv4, and of 2^116 in IPv6: damage tends to show there. */
function* probes(): Iterable<Address> {
  for (let block = 0; block < 256; block += 1) {
    yield { family: 4, text: `${block}.1.1.1`, groups: [] };
  }
  for (let block = 0x2000; block < 0x3000; block += 16) {
    yield { family: 6, text: `${block.toString(16)}::1`, groups: [] };
  }
}

async function loadMaxmind(): Promise<Pick<typeof Maxmind, 'Reader'>> {
  try {
    return await import('maxmind');
  } catch (cause) {
    throw new ConfigError(
      'PACKAGE_MISSING',
      "Geo enrichment reads its databases by the package 'maxmind': npm install maxmind.",
      { cause },
    );
  }
}
