/** As in a fetch answer: which producer aborted what it began at this offset. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

interface PassedBatch {
  readonly producerId: number;
  readonly isTransactional: boolean;
  /** The last offset that the batch covers. */
  readonly lastOffset: number;
}

/**
 * Tells the aborted batches of one partition of one fetch answer; it must see every batch, in
 * order. Producers are told apart by their id alone: the marker of a fenced producer has a higher
 * epoch than what it ends.
 */
export class AbortedFilter {
  private readonly transactions: readonly AbortedTransaction[];
  private readonly aborting = new Set<number>();
  private begun = 0;

  constructor(transactions: readonly AbortedTransaction[]) {
    // Brokers list them in the order of their markers.
    this.transactions = [...transactions].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  isAborted({ producerId, isTransactional, lastOffset }: PassedBatch): boolean {
    for (; this.begun < this.transactions.length; this.begun += 1) {
      const transaction = this.transactions[this.begun];
      if (transaction === undefined || transaction.firstOffset > lastOffset) break;
      this.aborting.add(transaction.producerId);
    }
    return isTransactional && this.aborting.has(producerId);
  }

  /** An abort marker: what the producer writes next belongs to another transaction. */
  end(producerId: number): void {
    this.aborting.delete(producerId);
  }
}
