import type { ReadyMade } from './ready-made.ts';

/** How a topology that runs by settings alone is loaded; some need an optional package. */
export type LoadReadyMade = () => Promise<ReadyMade>;

/** By the name of its entry point, `millrace/topologies/<name>`. */
export const catalogue: Readonly<Record<string, LoadReadyMade>> = {
  'active-users': async () => (await import('./active-users.ts')).activeUsersTopology,
  geo: async () => (await import('./geo.ts')).geoTopology,
  intake: async () => (await import('./intake.ts')).intakeTopology,
  sessions: async () => (await import('./sessions.ts')).sessionsTopology,
  'view-counts': async () => (await import('./view-counts.ts')).viewCountsTopology,
};
