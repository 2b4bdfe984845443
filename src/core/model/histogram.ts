/** Counts values by the least bound that they do not exceed. */
export class Histogram {
  sum = 0;
  /** One for each bound, and the last for what is above all of them. */
  readonly counts: number[];

  constructor(
    /** Ascending. */
    readonly bounds: readonly number[],
  ) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    this.sum += value;
    let place = 0;
    while (place < this.bounds.length && value > (this.bounds[place] ?? 0)) place += 1;
    this.counts[place] = (this.counts[place] ?? 0) + 1;
  }
}
