import { type Duration, durationMs } from '../core/model/duration.ts';
import { ConfigError } from '../core/model/errors.ts';
import { trusted } from '../core/serde/key-identity.ts';
import type { Serde, SerdeFormat } from '../core/serde/serde.ts';
import type { StoreDefinition, StoreSchema, StreamClock } from '../core/task/state-port.ts';
import { dueStoreOptions, type ExpiringDefinition } from './expiring-definition.ts';
import { plainKeyLayout, windowKeyLayout } from './key-codec.ts';
import { OverlayKeyValueStore } from './key-value-store.ts';
import type { KeyValueStore, SessionStore, VersionedStore, WindowStore } from './store.ts';
import { type OpenableDefinition, openOverlay, type StoreGround } from './store-parts.ts';
import { versionCellSerde } from './version-cells.ts';
import { VersionedRows } from './versioned-store.ts';
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

export interface KeyValueStoreOptions<K, V> extends StoreOptions<K, V> {
  /** How long a row is kept in stream time after its timestamp; a write renews it. */
  readonly timeToLive?: Duration | undefined;
}

/**
 * A store of one row per key, for `process` and the operators.
 *
 * @example
 * ```ts
 * const totals = keyValueStore({ name: 'totals', key: string(), value: int64() });
 * totals.schema.kind; // => 'key-value'
 * ```
 * @throws {ConfigError} `BAD_DURATION`; `BAD_OPTION` for a time to live of 0.
 */
export function keyValueStore<K, V>({
  timeToLive,
  ...options
}: KeyValueStoreOptions<K, V>): StoreDefinition<KeyValueStore<K, V>> {
  const { name, key, value } = options;
  const open = (ground: StoreGround) => {
    const { overlay, commit } = openOverlay(ground, { key, value, layout: plainKeyLayout });
    return { store: new OverlayKeyValueStore(overlay, ground.rows, key), commit };
  };
  if (timeToLive === undefined) return define(schemaOf('key-value', options), options, open);
  const timeToLiveMs = durationMs(timeToLive, 'timeToLive');
  if (timeToLiveMs === 0) throw noTimeToLive(name);
  const detail = { ...options.detail, timeToLiveMs };
  const schema = schemaOf('key-value', { ...options, detail });
  const due = windowStore(dueStoreOptions(name));
  const expiring: OpenableDefinition<KeyValueStore<K, V>> & ExpiringDefinition<K, V> =
    Object.freeze({
      ...define(schema, options, open),
      open,
      expiry: Object.freeze({ timeToLiveMs, key, due }),
    });
  return expiring;
}

/** The same store with the topic of its source as its changelog. */
export function withSourceChangelog<S>(
  definition: StoreDefinition<S>,
  topic: string,
): StoreDefinition<S> {
  const { schema } = definition;
  const detail = { ...schema.detail, changelog: 'source', changelogTopic: topic };
  return Object.freeze({ ...definition, schema: { ...schema, detail }, changelogTopic: topic });
}

function noTimeToLive(store: string): ConfigError {
  return new ConfigError(
    'BAD_OPTION',
    `The time to live of store '${store}' is 0, so that it would hold nothing: give one above 0.`,
    { where: { store } },
  );
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

export interface VersionedStoreOptions<K, V> extends StoreOptions<K, V> {
  /** How far back in stream time `asOf` finds what was valid; 0: latest versions only. */
  readonly history: Duration;
}

/** Nobody has said yet whose time counts: what is past is then whatever is not the latest. */
const noTime: StreamClock = { streamTimeMs: Infinity };

/**
 * A store of the versions of each key, for `process`: what was valid at a time is found by
 * `asOf(key, timestamp)`. Stream time is that of the node that asks.
 *
 * @example
 * ```ts
 * const prices = versionedStore({ name: 'prices', key: string(), value: int64(), history: '1h' });
 * prices.schema.kind; // => 'versioned'
 * ```
 * @throws {ConfigError} `BAD_DURATION`.
 */
export function versionedStore<K, V>(
  options: VersionedStoreOptions<K, V>,
): StoreDefinition<VersionedStore<K, V>> {
  return versionedRows(options);
}

/** The same as an operator sees it, which prunes what is over. */
export function versionedRows<K, V>({
  history,
  ...options
}: VersionedStoreOptions<K, V>): StoreDefinition<VersionedRows<K, V>> {
  const { name, key, value, detail } = options;
  const historyMs = durationMs(history, 'history');
  const schema = schemaOf('versioned', { ...options, detail: { ...detail, historyMs } });
  const cell = versionCellSerde(trusted(value));
  const definition: OpenableDefinition<VersionedRows<K, V>> = Object.freeze({
    name,
    schema,
    withTime: (rows: VersionedRows<K, V>, clock: StreamClock) => rows.withTime(clock),
    open(ground: StoreGround) {
      const { overlay, commit } = openOverlay(ground, {
        key,
        value: cell,
        layout: windowKeyLayout,
      });
      const cells = new OverlayWindowStore(overlay, ground.rows);
      return { store: new VersionedRows(cells, historyMs, noTime), commit };
    },
  });
  return definition;
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
