import type { Handle } from './internal/handle.ts';
import type {
  Defined,
  KnownSerdes,
  KnownValueFrom,
  SerdesKnown,
  ValueSerdeOption,
} from './internal/serdes.ts';
import type { KStream } from './k-stream.ts';
import { tableFilter, type TablePredicate } from './table-filter.ts';
import { tableMapValues, type TableMapper } from './table-map-values.ts';
import { toStream } from './to-stream.ts';

/** A table: one row per key, and the stream of its changes. `Of` tells which serdes are known. */
export class KTable<K, V, Of extends KnownSerdes = SerdesKnown> {
  /** @internal */
  constructor(
    /** @internal */
    readonly handle: Handle,
  ) {}

  filter<VOut extends V>(predicate: (value: V, key: K) => value is VOut): KTable<K, VOut, Of>;
  filter(predicate: TablePredicate<K, V>): KTable<K, V, Of>;
  filter(predicate: TablePredicate<K, V>): KTable<K, V, Of> {
    return new KTable(tableFilter(this.handle, predicate));
  }

  mapValues<VOut extends Defined, Options extends ValueSerdeOption<VOut> = object>(
    mapper: TableMapper<K, V, VOut>,
    options?: Options,
  ): KTable<K, NonNullable<VOut>, KnownValueFrom<Of, Options>> {
    return new KTable(tableMapValues(this.handle, mapper, options));
  }

  toStream(): KStream<K, V | null, Of> {
    return this.handle.draft.handles.stream(toStream<K, V>(this.handle));
  }
}
