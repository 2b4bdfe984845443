import { json, string, type Topology } from '../../src/index.ts';
import { viewCounts } from '../../src/topologies/view-counts.ts';

export const application = 'view-counts';

export const topics = {
  input: 'page-views',
  final: 'view-counts-final',
  live: 'view-counts-live',
  deadLetter: 'page-views-dead-letters',
} as const;

/** The node that counts for the live topic: it drops what the other one drops, once more. */
export const liveNode = 'live-views';

export interface WindowSettings {
  readonly windowMs: number;
  readonly graceMs: number;
}

/** The input is keyed by page, so there is no repartition. */
export function demoTopology({ windowMs, graceMs }: WindowSettings): Topology {
  return viewCounts({
    application,
    events: { topic: topics.input, key: string(), value: json<{ readonly page: string }>() },
    window: windowMs,
    grace: graceMs,
    final: topics.final,
    live: { topic: topics.live },
    deadLetter: topics.deadLetter,
  });
}
