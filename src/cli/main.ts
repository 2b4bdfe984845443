#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { systemRuntime } from '../core/runtime/system-runtime.ts';
import { type Command, parseCommand, type RunSettings } from './arguments.ts';
import { exitCodeOf, exitCodes, UsageError } from './exit-codes.ts';
import { createOutput, type Output } from './output/create-output.ts';
import { runningMessage } from './supervisor/messages.ts';
import { supervise } from './supervisor/supervise.ts';
import type { TopologiesSettings } from './topologies-arguments.ts';
import type { UpkeepCommand } from './upkeep-arguments.ts';
import { usage } from './usage.ts';
import { workerStop } from './worker-stop.ts';

const streams = {
  out: (text: string) => void process.stdout.write(text),
  log: (text: string) => void process.stderr.write(text),
};

// Who reads along may go; the work goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

// Also where the application left something open that would keep the process alive.
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = parseCommand(args, process.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    streams.log(`${error.message}\nTry 'millrace --help'.\n`);
    return exitCodes.usage;
  }
  switch (command.type) {
    case 'run':
      return runCommand(command.settings, args);
    case 'topologies':
      return topologies(command.settings);
    case 'help':
    case 'version':
      streams.out(command.type === 'help' ? usage : `${version()}\n`);
      return exitCodes.clean;
    default:
      return upkeep(command);
  }
}

async function topologies(settings: TopologiesSettings): Promise<number> {
  const output = guardedOutput(settings, 'topologies');
  try {
    const { runTopologies } = await import('./run-topologies.ts');
    await runTopologies(settings, output);
    return exitCodes.clean;
  } catch (error) {
    output.fail("'millrace topologies' has failed.", error);
    return exitCodeOf(error);
  }
}

async function upkeep(command: UpkeepCommand): Promise<number> {
  const output = guardedOutput(command.settings, command.type);
  try {
    const { runUpkeep } = await import('./upkeep/run-upkeep.ts');
    return await runUpkeep(command, { output, runtime: systemRuntime });
  } catch (error) {
    output.fail(`'millrace ${command.type}' has failed.`, error);
    return exitCodeOf(error);
  }
}

function runCommand(settings: RunSettings, args: readonly string[]): Promise<number> {
  const { workers, workerIndex } = settings;
  if (workers !== null && workerIndex === null) {
    const output = guardedOutput(settings, 'supervisor');
    const exit = (): void => process.exit(exitCodes.failed);
    const entry = import.meta.filename;
    return supervise(settings, workers, { output, runtime: systemRuntime, entry, args, exit });
  }
  return runOne(settings);
}

/** One worker in this process. */
async function runOne(settings: RunSettings): Promise<number> {
  const name = `worker ${settings.workerIndex ?? 1}`;
  const isSupervised = settings.workerIndex !== null;
  const output = guardedOutput(settings, name);
  const stopRequest = workerStop({
    isSupervised,
    onSecondSignal(reason) {
      output.logger.warn(`${reason} again: the worker ends at once`);
      process.exit(exitCodes.failed);
    },
  });
  const onRunning = (): void => {
    output.announce(`${name} is running`);
    if (isSupervised && process.connected) process.send?.(runningMessage);
  };
  try {
    // Loaded here: a supervisor has no use for the engine.
    const { runWorker } = await import('./run-worker.ts');
    await runWorker(settings, { output, runtime: systemRuntime, stopRequest, onRunning });
    return exitCodes.clean;
  } catch (error) {
    output.fail('The worker has failed.', error);
    return exitCodeOf(error);
  }
}

/** What nothing catches ends the process: a crash is a path that is tested. */
function guardedOutput(settings: Pick<RunSettings, 'output'>, source: string): Output {
  const output = createOutput(settings.output, source, streams);
  const end = (error: unknown): void => {
    output.fail('An error that nothing caught ends the process.', error);
    process.exit(exitCodes.failed);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  return output;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string }; // a package has one
  return version;
}
