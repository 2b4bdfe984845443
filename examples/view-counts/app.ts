import { type Duration, durationMs, type Topology } from '../../src/index.ts';
import { demoTopology } from './demo-topology.ts';

/** What `--set` gives: `window=30s`, `grace=10s`. */
interface ApplicationSettings {
  readonly window?: string;
  readonly grace?: string;
}

/** The application for `millrace run`; its topics are made by the program that feeds them. */
export default function viewCounting(settings: ApplicationSettings): Topology {
  const { window = '1m', grace = '1m' } = settings;
  return demoTopology({ windowMs: msOf(window), graceMs: msOf(grace) });
}

/** @throws {ConfigError} `BAD_DURATION`. */
function msOf(text: string): number {
  return durationMs(text as Duration); // checked there
}
