import { createRecordBatchBuilder } from '../log/record-batch/encode-batch.ts';
import type { Log, TopicPartition } from '../log/port.ts';
import { TopologyError, type TopologyProblem } from '../model/errors.ts';
import { noHeaders } from '../model/headers.ts';
import type { Logger } from '../runtime/logger.ts';
import { compareManifests, type Refusal } from '../topology/compare-manifests.ts';
import { type Manifest, parseManifest, serializeManifest } from '../topology/manifest.ts';
import { manifestTopic } from '../topology/names.ts';
import { readLastRow } from './last-row.ts';

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
  const row = await readLastRow(log, { ...place, ends });
  return row === null ? null : parseManifest(Buffer.from(row).toString('utf8'));
}

export interface CheckOptions {
  readonly logger: Logger;
  /** Refusals that the author takes on purpose, `<code>:<name>`. */
  readonly accept: readonly string[];
}

/** @throws {TopologyError} every refusal at once; nothing is touched then. */
export function checkManifest(
  old: Manifest | null,
  next: Manifest,
  { logger, accept }: CheckOptions,
): void {
  if (old === null) return;
  const { refusals, compatible, warnings, orphans } = compareManifests(old, next);
  const accepted = refusals.filter((refusal) => isIn(accept, refusal));
  const refused = refusals.filter((refusal) => !isIn(accept, refusal));
  if (refused.length > 0) throw new TopologyError(refused.map(problemOf));
  for (const { message } of accepted) logger.warn(`Accepted: ${message}`);
  for (const change of compatible) logger.info(`Compatible change: ${change}`);
  for (const warning of warnings) logger.warn(`Compatible change: ${warning}`);
  for (const orphan of orphans) logger.warn(`Nothing uses this internal topic: ${orphan}`);
}

function isIn(accept: readonly string[], refusal: Refusal): boolean {
  return refusal.accept !== null && accept.includes(refusal.accept);
}

function problemOf({ accept, message, ...problem }: Refusal): TopologyProblem {
  const hint = accept === null ? '' : `. To take it on purpose: --accept ${accept}`;
  return { ...problem, message: `${message}${hint}` };
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
