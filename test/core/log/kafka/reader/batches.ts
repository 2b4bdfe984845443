import {
  encodeMarker,
  type TransactionOutcome,
} from '../../../../../src/core/log/record-batch/control-batch.ts';
import { builderOf } from '../../../../support/log-fixture.ts';

const TIME = 1_700_000_000_000;

/** A batch of no transaction, its first record at `baseOffset`. */
export function plain(baseOffset: number, ...records: readonly string[]): Buffer {
  const stamp = { producerId: -1, producerEpoch: -1, baseSequence: -1, isTransactional: false };
  return builderOf(records).finish({ ...stamp, baseOffset });
}

/** A batch of a producer's transaction. */
export function inTransaction(
  producerId: number,
  baseOffset: number,
  ...records: readonly string[]
): Buffer {
  const stamp = { producerEpoch: 0, baseSequence: 0, isTransactional: true };
  return builderOf(records).finish({ ...stamp, producerId, baseOffset });
}

/** As the coordinator writes it for a producer that it has fenced: the epoch is higher. */
export function marker(
  producerId: number,
  baseOffset: number,
  outcome: TransactionOutcome,
): Buffer {
  return encodeMarker({
    outcome,
    baseOffset,
    producerId,
    timestamp: TIME,
    producerEpoch: 1,
    coordinatorEpoch: 0,
  });
}

/** Its last byte is another: the checksum does not fit any more. */
export function damaged(batch: Buffer): Buffer {
  const copy = Buffer.from(batch);
  const at = copy.length - 1;
  copy.writeUInt8(copy.readUInt8(at) ^ 0xff, at);
  return copy;
}
