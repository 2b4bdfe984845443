/** Chooses the partition of a record; the name is its identity, so a change of it is noticed. */
export interface StreamPartitioner<K, V> {
  readonly name: string;
  partition(key: K, value: V, partitions: number): number;
}
