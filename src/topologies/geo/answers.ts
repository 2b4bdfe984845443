import { messageOf } from '../../core/model/message-of.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import { type Address, maxAddressCharacters, readAddress } from './address.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { Database } from './database-file.ts';
import type { Geo, Place, PlaceMapper } from './place.ts';
import { isPrivate } from './special-ranges.ts';

const nowhere = { country: null, region: null, city: null } as const;
const unknown = Object.freeze({ ...nowhere, kind: 'unknown' as const });
const invalid = Object.freeze({ ...nowhere, kind: 'invalid' as const });
const local = Object.freeze({ ...nowhere, kind: 'private' as const });

interface AnswerOptions {
  readonly mapper: PlaceMapper<Place>;
  readonly cache: number;
  readonly logger: Logger;
}

/** Answers of one set of databases: what is cached goes with them. */
export function answersOf(
  databases: readonly Database[],
  { mapper, cache, logger }: AnswerOptions,
): (address: string | null) => Geo {
  const known = new BoundedCache<string, Geo>(cache);
  const damaged = new Set<Database>();
  // Databases give one and the same object for a record as long as they keep it decoded.
  const mapped = new WeakMap<object, Geo | null>();

  function mappedRecord(record: object): Geo | null {
    const known = mapped.get(record);
    if (known !== undefined) return known;
    const place = mapper(record);
    const geo = place === null ? null : Object.freeze({ ...place, kind: 'found' as const });
    mapped.set(record, geo);
    return geo;
  }

  function placeIn(database: Database, address: Address): Geo | null {
    let record: unknown;
    try {
      record = database.get(address);
    } catch (error) {
      if (!damaged.has(database)) {
        damaged.add(database);
        const { path } = database;
        logger.warn('a geo database is damaged', { database: path, reason: messageOf(error) });
      }
      return null;
    }
    return typeof record === 'object' && record !== null ? mappedRecord(record) : null;
  }

  function find(address: Address): Geo {
    if (isPrivate(address)) return local;
    for (const database of databases) {
      const geo = placeIn(database, address);
      if (geo !== null) return geo;
    }
    return unknown;
  }

  return (given) => {
    if (given === null) return unknown;
    // Not even kept: the cache is bounded by its entries.
    if (given.length > maxAddressCharacters) return invalid;
    const cached = known.get(given);
    if (cached !== undefined) return cached;
    const address = readAddress(given);
    const geo = address === null ? invalid : find(address);
    known.set(given, geo);
    return geo;
  };
}
