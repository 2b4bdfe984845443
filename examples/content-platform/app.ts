import type { Duration, Topology } from '../../src/index.ts';
import { openGeo } from '../../src/topologies/geo.ts';
import { countryDatabase } from './geo-database.ts';
import { tablesAt } from './tables.ts';
import { contentPlatform } from './topology.ts';

/** What `--set` gives: `skew=12h`, `sink=clickhouse://...`; several sinks with commas between. */
interface ApplicationSettings {
  readonly grace?: string;
  readonly skew?: string;
  readonly zone?: string;
  readonly sink?: string;
}

/** The application for `millrace run`, on topics that are there. */
export default async function platform(settings: ApplicationSettings): Promise<Topology> {
  const { grace, skew, zone, sink } = settings;
  return contentPlatform({
    geo: await openGeo({ databases: [countryDatabase] }),
    tables: await Promise.all((sink?.split(',') ?? []).map(tablesAt)),
    ...(grace === undefined ? {} : { grace: grace as Duration }), // checked there
    ...(skew === undefined ? {} : { skew: skew as Duration }), // checked there
    ...(zone === undefined ? {} : { zone }),
  });
}
