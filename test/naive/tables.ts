import {
  changeOf,
  type Due,
  idOf,
  NaiveNode,
  type NaiveKey,
  type NaiveRecord,
  type NaiveRow,
} from './naive-node.ts';

interface Entry extends NaiveRow {
  readonly key: NaiveKey;
}

/** The last value of each key; with a time to live it goes by itself. */
export class NaiveUpsert extends NaiveNode {
  private readonly rows = new Map<string, Entry>();

  process({ key, value, timestamp }: NaiveRecord): void {
    if (key === null) return this.world.drop('null-key');
    const ttlMs = this.number('ttl', Infinity);
    if (value !== null && timestamp + ttlMs <= this.streamTimeMs) return this.world.drop('expired');
    const before = this.rows.get(idOf(key)) ?? null;
    if (value === null) this.rows.delete(idOf(key));
    else this.rows.set(idOf(key), { key, value, timestamp });
    this.change(key, before?.value ?? null, value, timestamp);
  }

  override due(): readonly Due[] {
    const ttlMs = this.number('ttl', Infinity);
    if (ttlMs === Infinity) return [];
    return [...this.rows.values()].map(({ key, value, timestamp }) => ({
      timeMs: timestamp + ttlMs,
      key,
      arrival: 0,
      run: () => {
        this.rows.delete(idOf(key));
        this.change(key, value, null, timestamp + ttlMs);
      },
    }));
  }
}

/** One version per timestamp. */
export class NaiveVersioned extends NaiveNode {
  private readonly versions = new Map<string, NaiveRow[]>();

  process({ key, value, timestamp }: NaiveRecord): void {
    if (key === null) return this.world.drop('null-key');
    const known = this.versions.get(idOf(key)) ?? [];
    const oldestMs = this.streamTimeMs - this.number('historyRetention');
    const hasLater = known.some((version) => version.timestamp > timestamp);
    if (timestamp < oldestMs && hasLater) return this.world.drop('expired-version');
    const others = known.filter((version) => version.timestamp !== timestamp);
    const before = latest(known);
    const versions = [...others, { value, timestamp }].sort((a, b) => a.timestamp - b.timestamp);
    this.versions.set(idOf(key), versions);
    if (!hasLater) this.change(key, before?.value ?? null, value, timestamp);
  }

  asOf(key: NaiveKey, timestamp: number): NaiveRow | null {
    const known = this.versions.get(idOf(key)) ?? [];
    const last = latest(known);
    if (last !== null && last.timestamp <= timestamp) return present(last);
    if (timestamp < this.streamTimeMs - this.number('historyRetention')) return null;
    return present(latest(known.filter((version) => version.timestamp <= timestamp)));
  }
}

function latest(versions: readonly NaiveRow[]): NaiveRow | null {
  return versions.at(-1) ?? null;
}

function present(row: NaiveRow | null): NaiveRow | null {
  return row?.value === null ? null : row;
}

/** `filter` and `mapValues` of tables. */
export class NaiveDerived extends NaiveNode {
  constructor(
    step: NaiveNode['step'],
    world: NaiveNode['world'],
    private readonly derive: (value: string) => string | null,
  ) {
    super(step, world);
  }

  process(record: NaiveRecord): void {
    const { from, to } = changeOf(record);
    const of = (value: unknown) => (value === null ? null : this.derive(value as string)); // text
    this.change(record.key, of(from), of(to), record.timestamp);
  }
}
