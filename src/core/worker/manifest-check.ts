import { createRecordBatchBuilder } from '../log/record-batch/encode-batch.ts';
import type { Log, TopicPartition } from '../log/port.ts';
import { TopologyError } from '../model/errors.ts';
import { noHeaders } from '../model/headers.ts';
import type { Logger } from '../runtime/logger.ts';
import { compareManifests } from '../topology/compare-manifests.ts';
import { type Manifest, parseManifest, serializeManifest } from '../topology/manifest.ts';
import { manifestTopic } from '../topology/names.ts';
import { lastCommittedRow } from './last-row.ts';

export const manifestKey = 'manifest';

export function manifestPlace(application: string): TopicPartition {
  return { topic: manifestTopic(application), partition: 0 };
}

/** The manifest of the running application; null before its first start. */
export async function storedManifest(log: Log, application: string): Promise<Manifest | null> {
  const place = manifestPlace(application);
  const described = await log.admin.describeTopics([place.topic]);
  if (!described.has(place.topic)) return null;
  const [ends] = await log.admin.ends([place]);
  const reader = log.openReader({ isolation: 'read-committed' });
  try {
    const row = await lastCommittedRow(reader, { ...place, ends });
    return row === null ? null : parseManifest(Buffer.from(row).toString('utf8'));
  } finally {
    await reader.close();
  }
}

/** @throws {TopologyError} every refusal at once; nothing is touched then. */
export function checkManifest(old: Manifest | null, next: Manifest, logger: Logger): void {
  if (old === null) return;
  const { refusals, compatible, orphans } = compareManifests(old, next);
  if (refusals.length > 0) throw new TopologyError(refusals);
  for (const change of compatible) logger.info(`Compatible change: ${change}`);
  for (const orphan of orphans) logger.warn(`Nothing uses this internal topic: ${orphan}`);
}

/** Writes the manifest if it says something new. */
export async function storeManifest(
  log: Log,
  old: Manifest | null,
  next: Manifest,
  nowMs: number,
): Promise<void> {
  const text = serializeManifest(next);
  if (old !== null && serializeManifest(old) === text) return;
  const batch = createRecordBatchBuilder();
  batch.append(nowMs, manifestKey, text, noHeaders);
  const writer = await log.openWriter({ transactionalId: null, transactionTimeoutMs: 30_000 });
  try {
    await writer.produce([{ ...manifestPlace(next.application), batch }]);
  } finally {
    await writer.close();
  }
}
