import { join } from 'node:path';
import type { Log } from '../../src/core/log/port.ts';
import { type SubTopology, embedded } from '../../src/index.ts';
import { stateIn } from './backend.ts';
import { type Dump, type Section, dumpLastPerKey, dumpTopic, recordLine, rowLine } from './dump.ts';
import { dumpState } from './dump-state.ts';
import { partitions } from './input.ts';
import { application, finalOutputs, orderedOutputs, tortureTopology } from './topology.ts';

type Lines = ReadonlyMap<string, readonly string[]>;

/** All outputs, changelogs and local stores below the directory of a run that has ended. */
export async function dumpRun(directory: string): Promise<Dump> {
  const sections = new Map<string, Section>();
  const add = (kind: Section['kind'], label: string, lines: Lines) => {
    for (const [name, own] of lines) sections.set(`${label} ${name}`, { kind, lines: own });
  };
  const log = embedded({ directory: join(directory, 'log') });
  for (const topic of orderedOutputs) add('ordered', 'topic', await dumpTopic(log, topic));
  for (const topic of finalOutputs) {
    add('final', 'topic', await dumpLastPerKey(log, topic, recordLine));
  }
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
