import { LogError } from '../../../model/errors.ts';
import { offsetOutOfRange } from '../../log-errors.ts';
import type { ReaderOptions } from '../../port.ts';
import type { Decompress } from '../../record-batch/decompress.ts';
import type { Connections } from '../connections/connections.ts';
import { BrokerErrorCode, brokerError, placeText } from '../requests/broker-error.ts';
import { type FetchedRecords, fetch } from '../wire/messages/fetch.ts';
import { endsAt } from './ends-at.ts';
import { positionUnsettled } from './errors.ts';
import type { FetchedRun, FetchSlot } from './fetch-slot.ts';
import { readRecords } from './read-records.ts';

export interface TakeOptions extends ReaderOptions {
  readonly connections: Connections;
  readonly decompress: Decompress;
}

export interface PartitionAnswer {
  readonly nodeId: number;
  readonly partition: FetchedRecords;
  /** The fetch during which it was asked for. */
  readonly number: number;
  /** Of the slot, when it was asked for. */
  readonly run: FetchedRun | undefined;
}

/** Puts an answer into its slot, or says why not. One to another position than now is left. */
export async function takeAnswer(
  slot: FetchSlot,
  answer: PartitionAnswer,
  options: TakeOptions,
): Promise<unknown> {
  const { run, partition, number } = answer;
  if (slot.run !== run) return null;
  if (partition.errorCode !== 0) return refusal(slot, answer, options.connections);
  try {
    const read = await readRecords(bufferOf(partition.records), {
      ...options,
      place: slot.place,
      offset: run.nextOffset,
      aborted: partition.aborted,
    });
    if (slot.run !== run) return null;
    slot.extend(read.batches, read.nextOffset);
  } catch (error) {
    return slot.run === run ? damage(slot, error) : null;
  }
  const { logStartOffset, lastStableOffset, highWatermark } = partition;
  slot.ends = {
    logStartOffset,
    lastStableOffset: lastStableOffset < 0 ? highWatermark : lastStableOffset,
    logEndOffset: highWatermark,
  };
  slot.answeredIn = number;
  slot.trouble = null;
  return null;
}

/** Bytes may be damaged on their way too: they are fetched once more. */
function damage(slot: FetchSlot, error: unknown): unknown {
  const isDamage = error instanceof LogError && error.code === 'CORRUPT_BATCH';
  if (!isDamage || slot.isSuspect) {
    slot.isSuspect = false;
    return error;
  }
  slot.isSuspect = true;
  return null;
}

async function refusal(
  slot: FetchSlot,
  { nodeId, partition, run }: PartitionAnswer,
  connections: Connections,
): Promise<unknown> {
  const { place } = slot;
  const where = { ...place, offset: slot.offset };
  const error = brokerError(partition.errorCode, {
    api: fetch.name,
    subject: placeText(place),
    where,
  });
  if (partition.errorCode === BrokerErrorCode.corruptMessage) return damage(slot, error);
  if (partition.errorCode !== BrokerErrorCode.offsetOutOfRange) return error;
  try {
    const ends = await endsAt(connections, nodeId, place);
    if (slot.run !== run) return null;
    const isInside = where.offset >= ends.logStartOffset && where.offset <= ends.logEndOffset;
    return isInside ? positionUnsettled(where) : offsetOutOfRange(where, ends);
  } catch (unreachable) {
    return unreachable;
  }
}

/** A view. */
function bufferOf(bytes: Uint8Array | null): Buffer {
  if (bytes === null) return Buffer.alloc(0);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
