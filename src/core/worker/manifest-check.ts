import { createRecordBatchBuilder } from '../log/record-batch/encode-batch.ts';
import type { Log } from '../log/port.ts';
import { TopologyError } from '../model/errors.ts';
import { noHeaders } from '../model/headers.ts';
import type { Logger } from '../runtime/logger.ts';
import { compareManifests } from '../topology/compare-manifests.ts';
import {
  type Manifest,
  manifestOf,
  parseManifest,
  serializeManifest,
} from '../topology/manifest.ts';
import { manifestTopic } from '../topology/names.ts';
import type { Topology } from '../topology/plan.ts';
import { lastCommittedRow } from './last-row.ts';
import type { TopicPlan } from './topic-setup.ts';

const manifestKey = 'manifest';

export interface ManifestCheckOptions {
  readonly log: Log;
  readonly logger: Logger;
  readonly nowMs: number;
}

/**
 * Compares the topology with the manifest of the running application, and writes the new one if it
 * is compatible and different.
 *
 * @throws {TopologyError} every refusal at once; nothing is touched then.
 */
export async function checkManifest(
  topology: Topology,
  { counts }: TopicPlan,
  options: ManifestCheckOptions,
): Promise<void> {
  const { log, logger } = options;
  const next = manifestOf(topology, counts);
  const old = await storedManifest(log, topology.application);
  if (old !== null) {
    const { refusals, compatible, orphans } = compareManifests(old, next);
    if (refusals.length > 0) throw new TopologyError(refusals);
    for (const change of compatible) logger.info(`Compatible change: ${change}`);
    for (const orphan of orphans) logger.warn(`Nothing uses this internal topic: ${orphan}`);
  }
  const text = serializeManifest(next);
  if (old === null || serializeManifest(old) !== text) await write(topology, text, options);
}

async function storedManifest(log: Log, application: string): Promise<Manifest | null> {
  const place = { topic: manifestTopic(application), partition: 0 };
  const [ends] = await log.admin.ends([place]);
  if (ends === undefined) return null;
  const reader = log.openReader({ isolation: 'read-committed' });
  try {
    const row = await lastCommittedRow(reader, place, ends);
    return row === null ? null : parseManifest(Buffer.from(row).toString('utf8'));
  } finally {
    await reader.close();
  }
}

async function write(
  { application }: Topology,
  text: string,
  { log, nowMs }: ManifestCheckOptions,
): Promise<void> {
  const batch = createRecordBatchBuilder();
  batch.append(nowMs, manifestKey, text, noHeaders);
  const writer = await log.openWriter({ transactionalId: null, transactionTimeoutMs: 30_000 });
  try {
    await writer.produce([{ topic: manifestTopic(application), partition: 0, batch }]);
  } finally {
    await writer.close();
  }
}
