import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  commitIntervalMs,
  comparisonOf,
  type EngineResult,
  type EngineTask,
  partitions,
} from './comparison.ts';

const execute = promisify(execFile);
const directory = path.resolve('bench/peers/kafka-streams');
const jar = path.join(directory, 'target', 'kafka-streams-peer.jar');

/** With Maven, unless it is there. */
export async function buildPeer(): Promise<void> {
  if (!existsSync(jar)) await execute('mvn', ['-q', '-B', 'package'], { cwd: directory });
}

/** Runs a query in Kafka Streams; fills its input topics where they are not there yet. */
export async function runPeer(task: EngineTask): Promise<EngineResult> {
  const { name, guarantee, records, brokers } = task;
  const { peerQuery, peerCache } = comparisonOf(name);
  const options = {
    brokers,
    query: peerQuery,
    records: String(records),
    guarantee: guarantee === 'exactly-once' ? 'eos' : 'alo',
    'commit-ms': String(commitIntervalMs),
    cache: peerCache,
    partitions: String(partitions),
  };
  const pairs = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
  const { stdout } = await execute('java', ['-Xmx2g', '-jar', jar, ...pairs]);
  const answer = JSON.parse(stdout) as EngineResult; // Bench.java prints these fields
  return {
    query: name,
    engine: answer.engine,
    guarantee,
    records: answer.records,
    recordsPerSecond: answer.recordsPerSecond,
    cpuMicrosPerRecord: answer.cpuMicrosPerRecord,
    steadyCpuMicrosPerRecord: answer.steadyCpuMicrosPerRecord,
    checksum: answer.checksum,
  };
}
