import { join } from 'node:path';
import type { Log } from '../../../src/core/log/port.ts';
import { type SubTopology, embedded } from '../../../src/index.ts';
import { stateIn } from './backend.ts';
import { type Dump, type Section, dumpLastPerKey, dumpOutputs, rowLine } from '../dump.ts';
import { dumpState } from './dump-state.ts';
import { partitions } from '../input.ts';
import { application, tortureTopology } from '../topology.ts';

type Lines = ReadonlyMap<string, readonly string[]>;

/** All outputs, changelogs and local stores below the directory of a run that has ended. */
export async function dumpRun(directory: string): Promise<Dump> {
  const log = embedded({ directory: join(directory, 'log') });
  const sections = await dumpOutputs(log);
  const add = (kind: Section['kind'], label: string, lines: Lines) => {
    for (const [name, own] of lines) sections.set(`${label} ${name}`, { kind, lines: own });
  };
  const backend = stateIn(directory);
  for (const subTopology of tortureTopology().subTopologies) {
    const kind = isBehindRepartition(subTopology) ? 'final' : 'state';
    for (const { name } of subTopology.stores) add(kind, 'changelog', await changelog(log, name));
    for (let partition = 0; partition < partitions; partition++) {
      add(kind, 'store', await dumpState(backend, subTopology, partition));
    }
  }
  await log.close();
  return sections;
}

function changelog(log: Log, store: string): Promise<Lines> {
  return dumpLastPerKey(log, `${application}-${store}-changelog`, rowLine);
}

function isBehindRepartition({ inputs }: SubTopology): boolean {
  return inputs.some(({ node }) => node.type === 'repartition');
}
