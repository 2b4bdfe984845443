import type { Topology } from '../core/topology/plan.ts';
import { parseSettings, type SettingsOf, type SettingsSpec } from './settings.ts';

/** A topology that runs by settings alone: `millrace run millrace/topologies/<name>`. */
export interface ReadyMade {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly settings: SettingsSpec;
  /** @throws {ConfigError} `BAD_OPTION` */
  build(given: Readonly<Record<string, string>>): Topology | Promise<Topology>;
}

interface ReadyMadeSpec<Spec extends SettingsSpec> {
  readonly name: string;
  readonly summary: string;
  readonly settings: Spec;
  readonly build: (settings: SettingsOf<Spec>) => Topology | Promise<Topology>;
}

/** Puts the parsed settings before `build`. */
export function readyMade<const Spec extends SettingsSpec>(spec: ReadyMadeSpec<Spec>): ReadyMade {
  const { name, summary, settings, build } = spec;
  return {
    name,
    summary,
    settings,
    build: (given) => build(parseSettings(name, settings, given)),
  };
}
