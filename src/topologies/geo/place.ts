/** What is known of where an address is. What is not known is null. */
export interface Place {
  /** ISO 3166-1 alpha-2, as `NO`. */
  readonly country: string | null;
  /** The last part of ISO 3166-2, as `ENG` of `GB-ENG`. */
  readonly region: string | null;
  /** In English. */
  readonly city: string | null;
}

/**
 * Makes a place of a record of the database; null: the record tells none, and the next database is
 * asked. Called once for a record as long as that is kept: it must be pure, and leave the record.
 */
export type PlaceMapper<P extends Place> = (record: unknown) => P | null;

/** The place of an address, or why there is none. */
export type Geo<P extends Place = Place> =
  | (P & { readonly kind: 'found' })
  | (Place & {
      /**
       * `private`: of a network of its own, or of none, as loopback and documentation are.
       * `unknown`: there is no address, or no database knows it. `invalid`: it is no address.
       */
      readonly kind: 'private' | 'unknown' | 'invalid';
    });

/**
 * Reads both kinds of databases: flat ones (`country_code`, `state1`, `city`, as of
 * ip-location-db) and nested ones (`country.iso_code`, `subdivisions[0].iso_code`,
 * `city.names.en`, as of MaxMind and DB-IP).
 */
export function placeOf(record: unknown): Place | null {
  const country = code(at(record, 'country_code')) ?? code(at(record, 'country', 'iso_code'));
  const region =
    text(at(record, 'state1')) ?? text(at(record, 'subdivisions', '0', 'iso_code')) ?? null;
  const city = text(at(record, 'city')) ?? text(at(record, 'city', 'names', 'en'));
  if (country === null && region === null && city === null) return null;
  return { country, region, city };
}

function at(record: unknown, ...path: readonly string[]): unknown {
  let value = record;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as Readonly<Record<string, unknown>>)[name]; // an object that has it
  }
  return value;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function code(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Z]{2}$/.test(value) ? value : null;
}
