import { filterNot } from './filter-not.ts';
import { filter } from './filter.ts';
import { flatMapValues } from './flat-map-values.ts';
import { flatMap } from './flat-map.ts';
import { forEach } from './for-each.ts';
import { groupByKey, type GroupByKeyOptions } from './group-by-key.ts';
import { groupBy, type GroupByOptions } from './group-by.ts';
import type { KeyValue, Mapper, Predicate } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import type {
  Defined,
  Known,
  KnownByBoth,
  KnownFrom,
  KnownKeyFrom,
  KnownSerdes,
  KnownValueFrom,
  KeySerdeOption,
  Needing,
  OptionsArgument,
  SerdeOptions,
  SerdesKnown,
  ValueSerdeOption,
  ValueSerdeRequired,
} from './internal/serdes.ts';
import { KGroupedStream } from './k-grouped-stream.ts';
import type { KTable } from './k-table.ts';
import { mapValues } from './map-values.ts';
import { map } from './map.ts';
import { merge } from './merge.ts';
import { peek } from './peek.ts';
import { process, type ProcessDefinition } from './process.ts';
import { repartition, type RepartitionOptions } from './repartition.ts';
import { selectKey } from './select-key.ts';
import { type Branches, split } from './split.ts';
import { type Joiner, streamTableJoin, type StreamTableJoinOptions } from './stream-table-join.ts';
import { toTable, type ToTableOptions } from './to-table.ts';
import { to, type ToOptions, type TopicSelector } from './to.ts';

/** A stream of records. `Of` tells which serdes are known of it. */
export class KStream<K, V, Of extends KnownSerdes = SerdesKnown> {
  /** @internal */
  constructor(
    /** @internal */
    readonly handle: Handle,
  ) {}

  filter<VOut extends V>(predicate: (value: V, key: K) => value is VOut): KStream<K, VOut, Of>;
  filter(predicate: Predicate<K, V>): KStream<K, V, Of>;
  filter(predicate: Predicate<K, V>): KStream<K, V, Of> {
    return new KStream(filter(this.handle, predicate));
  }

  filterNot(predicate: Predicate<K, V>): KStream<K, V, Of> {
    return new KStream(filterNot(this.handle, predicate));
  }

  map<
    KOut extends Defined,
    VOut extends Defined,
    Options extends SerdeOptions<KOut, VOut> = object,
  >(
    mapper: Mapper<K, V, KeyValue<KOut, VOut>>,
    options?: Options,
  ): KStream<KOut, VOut, KnownFrom<Options>> {
    return new KStream(map(this.handle, mapper, options));
  }

  mapValues<VOut extends Defined, Options extends ValueSerdeOption<VOut> = object>(
    mapper: Mapper<K, V, VOut>,
    options?: Options,
  ): KStream<K, VOut, KnownValueFrom<Of, Options>> {
    return new KStream(mapValues(this.handle, mapper, options));
  }

  flatMap<
    KOut extends Defined,
    VOut extends Defined,
    Options extends SerdeOptions<KOut, VOut> = object,
  >(
    mapper: Mapper<K, V, Iterable<KeyValue<KOut, VOut>>>,
    options?: Options,
  ): KStream<KOut, VOut, KnownFrom<Options>> {
    return new KStream(flatMap(this.handle, mapper, options));
  }

  flatMapValues<VOut extends Defined, Options extends ValueSerdeOption<VOut> = object>(
    mapper: Mapper<K, V, Iterable<VOut>>,
    options?: Options,
  ): KStream<K, VOut, KnownValueFrom<Of, Options>> {
    return new KStream(flatMapValues(this.handle, mapper, options));
  }

  selectKey<KOut extends Defined, Options extends KeySerdeOption<KOut> = object>(
    keySelector: Mapper<K, V, KOut>,
    options?: Options,
  ): KStream<KOut, V, KnownKeyFrom<Of, Options>> {
    return new KStream(selectKey(this.handle, keySelector, options));
  }

  peek(action: Mapper<K, V, void>): KStream<K, V, Of> {
    return new KStream(peek(this.handle, action));
  }

  forEach(action: Mapper<K, V, void>): void {
    forEach(this.handle, action);
  }

  merge<KOther, VOther, OfOther extends KnownSerdes>(
    other: KStream<KOther, VOther, OfOther>,
  ): KStream<K | KOther, V | VOther, KnownByBoth<Of, OfOther>> {
    return new KStream(merge(this.handle, other.handle));
  }

  split<Named extends Branches<K, V>>(
    branches: Named,
  ): { readonly [Name in keyof Named]: KStream<K, V, Of> } {
    const streams = Array.from(split(this.handle, branches), ([name, handle]) => {
      return [name, new KStream<K, V, Of>(handle)];
    });
    return Object.fromEntries(streams) as { [Name in keyof Named]: KStream<K, V, Of> }; // its names
  }

  repartition(options: Needing<K, V, Of, RepartitionOptions<K, V>>): KStream<K, V> {
    return new KStream(repartition<K, V>(this.handle, options));
  }

  to(
    topic: string | TopicSelector<K, V>,
    ...[options]: OptionsArgument<K, V, Of, ToOptions<K, V>>
  ): void {
    to<K, V>(this.handle, topic, options);
  }

  groupByKey(
    ...[options]: OptionsArgument<K, V, Of, GroupByKeyOptions>
  ): KGroupedStream<NonNullable<K>, NonNullable<V>> {
    return new KGroupedStream(groupByKey<K, V>(this.handle, options));
  }

  groupBy<KOut extends Defined>(
    keySelector: Mapper<K, V, KOut>,
    options: GroupByOptions<KOut> &
      (Of['value'] extends true ? ValueSerdeOption<V> : ValueSerdeRequired<V>),
  ): KGroupedStream<NonNullable<KOut>, NonNullable<V>> {
    return new KGroupedStream(groupBy(this.handle, keySelector, options));
  }

  toTable(options: Needing<K, V, Of, ToTableOptions>): KTable<NonNullable<K>, NonNullable<V>> {
    return this.handle.draft.handles.table(toTable<K, V>(this.handle, options));
  }

  join<
    VTable,
    VOut extends Defined,
    Options extends StreamTableJoinOptions & ValueSerdeOption<VOut> = object,
  >(
    table: KTable<NonNullable<K>, VTable, KnownSerdes>,
    joiner: Joiner<NonNullable<K>, NonNullable<V>, VTable, VOut>,
    options?: Options,
  ): KStream<NonNullable<K>, VOut, KnownValueFrom<Of, Options>> {
    const spec = { kind: 'join', table: table.handle, joiner } as const;
    return new KStream(streamTableJoin(this.handle, spec, options));
  }

  leftJoin<
    VTable,
    VOut extends Defined,
    Options extends StreamTableJoinOptions & ValueSerdeOption<VOut> = object,
  >(
    table: KTable<NonNullable<K>, VTable, KnownSerdes>,
    joiner: Joiner<K, NonNullable<V>, VTable | null, VOut>,
    options?: Options,
  ): KStream<K, VOut, KnownValueFrom<Of, Options>> {
    const spec = { kind: 'left-join', table: table.handle, joiner } as const;
    return new KStream(streamTableJoin(this.handle, spec, options));
  }

  process<KOut, VOut, Options extends SerdeOptions<KOut, VOut> = object>(
    definition: ProcessDefinition<K, V, KOut, VOut>,
    options?: Options,
  ): KStream<KOut, VOut, KnownFrom<Options>> {
    return new KStream(process(this.handle, definition, options));
  }
}
