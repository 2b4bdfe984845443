/** What decides how many other inserts a late attempt may come after. */
export interface HorizonPlan {
  /** Partitions of the outbox: deliveries at the same time. */
  readonly partitions: number;
  readonly maxZombieMs: number;
  /** The least time between two batches of one delivery. */
  readonly maxDelayMs: number;
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
const timesZombie = 10;

export function neededHorizon(plan: HorizonPlan): Horizon {
  const { partitions, maxZombieMs, maxDelayMs, maxTablePartitions, otherInsertsPerSecond } = plan;
  // One more: the batch itself must still be among those remembered.
  const batches = Math.ceil(maxZombieMs / maxDelayMs) + 1;
  const others = Math.ceil((otherInsertsPerSecond * maxZombieMs) / 1000);
  const slots = (partitions * batches + others) * maxTablePartitions;
  const arithmetic =
    `(${partitions} outbox partitions x ${batches} batches, one per ${maxDelayMs} ms ` +
    `(batches.maxDelay) in the ${maxZombieMs} ms after which a late attempt may come, ` +
    `+ ${others} inserts of others (otherInsertsPerSecond)) ` +
    `x ${maxTablePartitions} table partitions (maxTablePartitions) = ${slots}`;
  return { slots, seconds: Math.ceil((timesZombie * maxZombieMs) / 1000), arithmetic };
}
