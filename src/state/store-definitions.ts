import type { Serde, SerdeFormat } from '../core/serde/serde.ts';
import type { StoreDefinition, StoreSchema } from '../core/task/state-port.ts';
import { plainKeyLayout, windowKeyLayout } from './key-codec.ts';
import { OverlayKeyValueStore } from './key-value-store.ts';
import type { KeyValueStore, SessionStore, WindowStore } from './store.ts';
import { type OpenableDefinition, openOverlay } from './store-parts.ts';
import { OverlayWindowStore } from './window-store.ts';

export interface StoreOptions<K, V> {
  /** Names the store and its changelog; a new name starts from an empty store. */
  readonly name: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** Window definition and the like: kept in the manifest and compared at start. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Its name of before, under which its rows are taken over, once. */
  readonly renamedFrom?: string;
}

/**
 * A store of one row per key, for `process` and the operators.
 *
 * @example
 * ```ts
 * const totals = keyValueStore({ name: 'totals', key: string(), value: int64() });
 * totals.schema.kind; // => 'key-value'
 * ```
 */
export function keyValueStore<K, V>(
  options: StoreOptions<K, V>,
): StoreDefinition<KeyValueStore<K, V>> {
  const { key, value } = options;
  return define<KeyValueStore<K, V>>(schemaOf('key-value', options), options, (ground) => {
    const { overlay, commit } = openOverlay(ground, { key, value, layout: plainKeyLayout });
    return { store: new OverlayKeyValueStore(overlay, ground.rows, key), commit };
  });
}

/** A store of one row per key and window, in order of (window end, encoded key, window start). */
export function windowStore<K, V>(options: StoreOptions<K, V>): StoreDefinition<WindowStore<K, V>> {
  return windowed('window', options);
}

/** A store of one row per key and session, in order of (session end, encoded key, start). */
export function sessionStore<K, V>(
  options: StoreOptions<K, V>,
): StoreDefinition<SessionStore<K, V>> {
  return windowed('session', options);
}

function windowed<K, V>(
  kind: 'window' | 'session',
  options: StoreOptions<K, V>,
): StoreDefinition<WindowStore<K, V>> {
  const { key, value } = options;
  return define<WindowStore<K, V>>(schemaOf(kind, options), options, (ground) => {
    const { overlay, commit } = openOverlay(ground, { key, value, layout: windowKeyLayout });
    return { store: new OverlayWindowStore(overlay, ground.rows), commit };
  });
}

function schemaOf<K, V>(
  kind: StoreSchema['kind'],
  { key, value, detail = {} }: StoreOptions<K, V>,
): StoreSchema {
  const upgrades = value.upgrade !== undefined;
  return {
    kind,
    key: formatOf(key),
    value: upgrades ? { ...formatOf(value), upgrades } : formatOf(value),
    detail,
  };
}

function formatOf({ format, version, readsVersions }: SerdeFormat): SerdeFormat {
  return { format, version, ...(readsVersions === undefined ? {} : { readsVersions }) };
}

function define<S>(
  schema: StoreSchema,
  { name, renamedFrom }: Pick<StoreOptions<unknown, unknown>, 'name' | 'renamedFrom'>,
  open: OpenableDefinition<S>['open'],
): StoreDefinition<S> {
  const definition: OpenableDefinition<S> = Object.freeze({
    name,
    schema,
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
    open,
  });
  return definition;
}
