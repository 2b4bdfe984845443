/** What decides how many other inserts a late attempt may come after. */
export interface HorizonPlan {
  /** Partitions of the outbox: deliveries at the same time. */
  readonly partitions: number;
  /** After so long no attempt is sent any more, nor is the server still at work on one. */
  readonly maxLateMs: number;
  /** The least time between two batches of one delivery. */
  readonly minIntervalMs: number;
  /** A batch takes a slot for each partition of the table that it touches. */
  readonly maxTablePartitions: number;
  /** Into the same table, by others. */
  readonly otherInsertsPerSecond: number;
}

/** What the deduplication window of a table has to hold. */
export interface Horizon {
  readonly slots: number;
  readonly seconds: number;
  /** How `slots` comes about. */
  readonly arithmetic: string;
}

/** Windows by time count from the insert, whose own attempts take time: a wide margin. */
const timesLate = 10;

/** The batch itself, which must still be remembered, and one that a new owner need not wait for. */
const moreBatches = 2;

export function neededHorizon(plan: HorizonPlan): Horizon {
  const { partitions, maxLateMs, minIntervalMs, maxTablePartitions, otherInsertsPerSecond } = plan;
  const batches = Math.ceil(maxLateMs / minIntervalMs) + moreBatches;
  const others = Math.ceil((otherInsertsPerSecond * maxLateMs) / 1000);
  const slots = (partitions * batches + others) * maxTablePartitions;
  const arithmetic =
    `(${partitions} outbox partitions x ${batches} batches: one per ${minIntervalMs} ms (a tenth ` +
    `of batches.maxDelay) in the ${maxLateMs} ms after which ` +
    `a late attempt may come, and ${moreBatches}; + ${others} inserts of others ` +
    `(otherInsertsPerSecond)) x ${maxTablePartitions} table partitions (maxTablePartitions) = ` +
    `${slots}`;
  return { slots, seconds: Math.ceil((timesLate * maxLateMs) / 1000), arithmetic };
}
