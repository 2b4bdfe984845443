interface WrittenBatch {
  readonly partition: number;
  readonly baseOffset: number;
  readonly count: number;
}

/** Where rows lie in the topic: on a cluster the markers of transactions lie between them. */
export class WrittenRows {
  private batches: readonly WrittenBatch[];

  /** `ends`: of each partition, as written by earlier starts. */
  constructor(ends: readonly number[]) {
    this.batches = ends.map((count, partition) => ({ partition, baseOffset: 0, count }));
  }

  add(batch: WrittenBatch): void {
    this.batches = [...this.batches, batch];
  }

  /** How many lie at or behind these offsets, one for each partition, which only grow. */
  countFrom(offsets: readonly number[]): number {
    const behind = ({ partition, baseOffset, count }: WrittenBatch) =>
      Math.max(0, Math.min(count, baseOffset + count - (offsets[partition] ?? 0)));
    this.batches = this.batches.filter((batch) => behind(batch) > 0);
    return this.batches.reduce((sum, batch) => sum + behind(batch), 0);
  }
}
