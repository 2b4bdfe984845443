import type { BatchHeader } from '../record-batch/batch-header.ts';
import { outOfOrderSequence, producerFenced } from './broker-errors.ts';
import type { TopicPartition } from '../port.ts';
import { sequenceAfter } from '../sequence-after.ts';

/** Batches of which a repeat is recognised, as in Kafka. */
const rememberedBatches = 5;
/** Producers remembered per partition; the one idle for longest is forgotten. */
const maxProducers = 1024;

interface WrittenBatch {
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
}

interface ProducerHistory {
  readonly epoch: number;
  /** Oldest first. */
  readonly batches: WrittenBatch[];
}

/** What each producer wrote last to one partition. */
export class ProducerSequences {
  private readonly histories = new Map<number, ProducerHistory>();

  constructor(private readonly place: TopicPartition) {}

  /**
   * The base offset of the batch that this one repeats, or null if it is new and next in order.
   *
   * @throws {LogError} `OUT_OF_ORDER_SEQUENCE`, `PRODUCER_FENCED`.
   */
  check({ producerId, producerEpoch, baseSequence, count }: BatchHeader): number | null {
    const history = this.histories.get(producerId);
    if (history === undefined) return null;
    if (producerEpoch < history.epoch) {
      throw producerFenced(`producer ${producerId}`, producerEpoch, history.epoch);
    }
    if (producerEpoch > history.epoch) {
      if (baseSequence === 0) return null;
      throw outOfOrderSequence(this.place, baseSequence, 0);
    }
    const lastSequence = sequenceAfter(baseSequence, count - 1);
    const repeated = history.batches.find(
      (batch) => batch.baseSequence === baseSequence && batch.lastSequence === lastSequence,
    );
    if (repeated !== undefined) return repeated.baseOffset;
    const expected = sequenceAfter(history.batches.at(-1)?.lastSequence ?? -1, 1);
    if (baseSequence === expected) return null;
    throw outOfOrderSequence(this.place, baseSequence, expected);
  }

  record(header: BatchHeader, baseOffset: number): void {
    const { producerId, producerEpoch, baseSequence, count } = header;
    const known = this.histories.get(producerId);
    const isSameEpoch = known?.epoch === producerEpoch;
    const history = isSameEpoch ? known : { epoch: producerEpoch, batches: [] };
    const lastSequence = sequenceAfter(baseSequence, count - 1);
    history.batches.push({ baseSequence, lastSequence, baseOffset });
    if (history.batches.length > rememberedBatches) history.batches.shift();
    // Written anew at the end, the map's first key is the one idle for longest.
    this.histories.delete(producerId);
    this.histories.set(producerId, history);
    const [idlest] = this.histories.keys();
    if (this.histories.size > maxProducers && idlest !== undefined) this.histories.delete(idlest);
  }
}
