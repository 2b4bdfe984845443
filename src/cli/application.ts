import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '../core/model/errors.ts';
import { messageOf } from '../core/model/message-of.ts';
import type { Topology } from '../core/topology/plan.ts';
import type { RunOptions } from '../core/worker/run-options.ts';
import { loadReadyMade } from './ready-made-name.ts';

/** What an application module may set for its workers. */
export type ApplicationOptions = Omit<RunOptions, 'log'>;

/** What an application module exports. */
export interface Application {
  readonly topology: Topology;
  readonly options: ApplicationOptions;
}

/** What stands in the way of loading a module, and stands there the next time too. */
const lasting: Readonly<Record<string, string>> = {
  ERR_UNKNOWN_FILE_EXTENSION:
    'This Node loads .js and .mjs modules: compile TypeScript first, or use a Node that loads it',
  ERR_MODULE_NOT_FOUND: 'An import in it cannot be found',
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX: 'Node loads only TypeScript whose types can be erased',
};

/**
 * Loads an application module, or a topology of this package, and asks it for its topology.
 *
 * @throws {ConfigError} `BAD_OPTION` if there is no such module, or it exports something else; for
 * settings that a topology of this package does not take
 */
export async function loadApplication(
  file: string,
  settings: Readonly<Record<string, string>>,
): Promise<Application> {
  const readyMade = await loadReadyMade(file);
  if (readyMade !== null) return { topology: await readyMade.build(settings), options: {} };
  const module = await importModule(file);
  const { default: exported, options = {} } = module;
  const topology = isFactory(exported) ? await exported(settings) : exported;
  if (!isTopology(topology)) {
    const what = isFactory(exported) ? 'what its default export returns' : 'it';
    throw badModule(
      file,
      `Its default export is to be a topology, or a function (settings) => topology; ${what} ` +
        'is not what `builder.build()` returns',
    );
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw badModule(file, 'Its export `options` is to be an object: what `run` takes');
  }
  if ('log' in options) {
    throw badModule(file, 'Its `options` name a log: that is chosen by --brokers or --embedded');
  }
  return { topology, options };
}

interface ImportedModule {
  readonly default?: unknown;
  readonly options?: unknown;
}

async function importModule(file: string): Promise<ImportedModule> {
  const absolute = path.resolve(file);
  if (!existsSync(absolute)) throw badModule(file, 'There is no such file');
  try {
    return (await import(pathToFileURL(absolute).href)) as ImportedModule; // a module's names
  } catch (error) {
    const reason = lastingReason(error);
    if (reason === null) throw error;
    throw badModule(file, `${reason}: ${messageOf(error)}`, error);
  }
}

function lastingReason(error: unknown): string | null {
  if (error instanceof SyntaxError) return 'It cannot be read';
  if (!(error instanceof Error) || !('code' in error)) return null;
  return lasting[String(error.code)] ?? null;
}

function isFactory(
  value: unknown,
): value is (settings: Readonly<Record<string, string>>) => unknown {
  return typeof value === 'function';
}

/** By its shape: the application may have loaded a copy of the library. */
function isTopology(value: unknown): value is Topology {
  if (typeof value !== 'object' || value === null) return false;
  const { application, nodes, subTopologies }: Partial<Record<keyof Topology, unknown>> = value;
  return typeof application === 'string' && Array.isArray(nodes) && Array.isArray(subTopologies);
}

function badModule(file: string, problem: string, cause?: unknown): ConfigError {
  return new ConfigError('BAD_OPTION', `The application '${file}' cannot be run. ${problem}.`, {
    cause,
  });
}
