import type { TopologyProblem } from '../model/errors.ts';
import { formatText } from '../model/format-text.ts';
import type { StoredFormat } from '../serde/serde.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Manifest, ManifestStore, ManifestTopic } from './manifest.ts';
import { sinkOfOutbox } from './names.ts';
import { stateDetail } from './state-detail.ts';

export interface Refusal extends TopologyProblem {
  /**
   * How its author names it to take it all the same, `<code>:<name>`; null: the state could not be
   * read, or would be looked for elsewhere, so nobody's word helps.
   */
  readonly accept: string | null;
}

export interface ManifestComparison {
  /** Why the application must not start; nothing was touched. */
  readonly refusals: readonly Refusal[];
  /** What has changed and may, in words. */
  readonly compatible: readonly string[];
  /** What may, and might still be news to the operator. */
  readonly warnings: readonly string[];
  /** Internal topics that nothing uses any more. */
  readonly orphans: readonly string[];
}

/** What a new topology would mean for the state of the old one. */
export function compareManifests(old: Manifest, next: Manifest): ManifestComparison {
  if (old.engineFormat > next.engineFormat) {
    const message =
      `the state has format ${old.engineFormat}, this version of the library writes ` +
      `${next.engineFormat}: run the newer version`;
    const refusal = { code: 'FORMAT_NEWER', message, accept: null } as const;
    return { refusals: [refusal], compatible: [], warnings: [], orphans: [] };
  }
  return {
    refusals: [
      ...renamedStores(old, next),
      ...renamedPoints(old, next),
      ...shared(old.stores, next.stores, nameOf).flatMap(changedStore),
      ...shared(old.sourceTopics, next.sourceTopics, topicOf).flatMap(changedCount),
      ...shared(old.internalTopics, next.internalTopics, topicOf).flatMap(changedTopic),
    ],
    compatible: [
      ...added('store', old.stores, next.stores, nameOf),
      ...added('source topic', old.sourceTopics, next.sourceTopics, topicOf),
      ...removed('store', old.stores, next.stores, nameOf),
      ...removed('source topic', old.sourceTopics, next.sourceTopics, topicOf),
      ...shared(old.stores, next.stores, nameOf).flatMap(raisedOrTuned),
    ],
    warnings: otherTimeZoneData(old, next),
    orphans: missing(old.internalTopics, next.internalTopics, topicOf).map(topicOf),
  };
}

type Pair<T> = readonly [old: T, next: T];
type NameOf<T> = (item: T) => string;

const nameOf: NameOf<ManifestStore> = ({ name }) => name;
const topicOf: NameOf<{ readonly topic: string }> = ({ topic }) => topic;

function shared<T>(old: readonly T[], next: readonly T[], name: NameOf<T>): Pair<T>[] {
  const byName = new Map(next.map((item) => [name(item), item]));
  return old.flatMap((item): Pair<T>[] => {
    const other = byName.get(name(item));
    return other === undefined ? [] : [[item, other]];
  });
}

function missing<T>(from: readonly T[], others: readonly T[], name: NameOf<T>): T[] {
  const names = new Set(others.map(name));
  return from.filter((item) => !names.has(name(item)));
}

function added<T>(what: string, old: readonly T[], next: readonly T[], name: NameOf<T>): string[] {
  return missing(next, old, name).map((item) => `${what} '${name(item)}' is new`);
}

function removed<T>(
  what: string,
  old: readonly T[],
  next: readonly T[],
  name: NameOf<T>,
): string[] {
  return missing(old, next, name).map((item) => `${what} '${name(item)}' is gone`);
}

/** A store that went while another of its make came was renamed: its rows would be lost. */
function renamedStores(old: Manifest, next: Manifest): Refusal[] {
  const fresh = missing(next.stores, old.stores, nameOf);
  return missing(old.stores, next.stores, nameOf).flatMap((gone) => {
    const twin = fresh.find((store) => storeMake(store) === storeMake(gone));
    return twin === undefined ? [] : [renamed('store', gone.name, twin.name, twin.node)];
  });
}

function renamedPoints(old: Manifest, next: Manifest): Refusal[] {
  const pointsOf = ({ internalTopics }: Manifest) =>
    internalTopics.filter(({ kind }) => kind === 'repartition');
  const fresh = missing(pointsOf(next), pointsOf(old), topicOf);
  return missing(pointsOf(old), pointsOf(next), topicOf).flatMap((gone) => {
    const twin = fresh.find((point) => pointMake(point) === pointMake(gone));
    if (twin === undefined) return [];
    const [before, now] = [gone.owner ?? '', twin.owner ?? ''];
    const isOutbox = sinkOf(gone) !== null;
    return [isOutbox ? renamedSink(gone, twin) : renamed('repartition point', before, now, now)];
  });
}

function sinkOf({ topic, owner }: ManifestTopic): string | null {
  return sinkOfOutbox(topic, owner ?? '');
}

function storeMake({ operator, kind, key, value, detail }: ManifestStore): string {
  return canonicalJson([operator, kind, formatText(key), formatText(value), stateDetail(detail)]);
}

function pointMake(point: ManifestTopic): string {
  const { key, value, partitioner } = point;
  return canonicalJson([key, value, partitioner, sinkOf(point) !== null]);
}

/** Windows that have rows keep their bounds; new ones follow the new data. */
function otherTimeZoneData(old: Manifest, next: Manifest): string[] {
  const [before, after] = [old.timeZoneData, next.timeZoneData];
  if (before === undefined || after === undefined || before === after) return [];
  return [`the time zone data was ${before} and is ${after}: new calendar windows follow it`];
}

function renamed(what: string, old: string, next: string, node: string): Refusal {
  const message =
    `the ${what} '${old}' is gone and '${next}' of the same make is new: if it was renamed, say ` +
    `\`renamedFrom: '${old}'\`; if not, accept that it is gone (docs/UPGRADING.md)`;
  return { code: 'STORE_MISSING', node, message, accept: `STORE_MISSING:${old}` };
}

/** Its rows cannot be taken over: by its name the system knows what it was given. */
function renamedSink(gone: ManifestTopic, twin: ManifestTopic): Refusal {
  const message =
    `the sink '${sinkOf(gone)}' is gone and '${sinkOf(twin)}' is new: if it was renamed, give it ` +
    'its old name; if not, accept that rows which wait for it are not delivered (docs/UPGRADING.md)';
  const accept = `STORE_MISSING:${gone.owner ?? ''}`;
  return { code: 'STORE_MISSING', ...nodeOf(twin), message, accept };
}

function changedStore([old, next]: Pair<ManifestStore>): Refusal[] {
  const { name, node } = next;
  const changed = (code: TopologyProblem['code'], what: string, [a, b]: Pair<string>) => ({
    code,
    node,
    message: `${what} of the store '${name}' was ${a} and is ${b}: use the old one or a new name`,
    accept: null,
  });
  const reformatted = (what: string, formats: Pair<string>) => ({
    ...changed('FORMAT_CHANGED', what, formats),
    accept: `FORMAT_CHANGED:${name}`,
  });
  const problems: Refusal[] = [];
  if (old.kind !== next.kind) {
    problems.push(changed('FORMAT_CHANGED', 'the kind', [old.kind, next.kind]));
  }
  const keys: Pair<string> = [formatText(old.key), formatText(next.key)];
  if (keys[0] !== keys[1]) problems.push(reformatted('the key format', keys));
  if (!reads(next.value, old.value)) {
    const values: Pair<string> = [formatText(old.value), formatText(next.value)];
    problems.push(reformatted('the value format', values));
  }
  // Its timers, closed windows and stream time stay behind with the old tasks' progress.
  const homes: Pair<string> = [old.subTopology, next.subTopology];
  if (homes[0] !== homes[1]) problems.push(changed('STORE_MOVED', 'the sub-topology', homes));
  const changelogs: Pair<string> = [changelogOf(old), changelogOf(next)];
  if (changelogs[0] !== changelogs[1]) {
    problems.push(changed('CHANGELOG_MOVED', 'the changelog', changelogs));
  }
  const windows: Pair<string> = [windowText(old), windowText(next)];
  if (windows[0] !== windows[1]) problems.push(changed('WINDOW_CHANGED', 'the window', windows));
  return problems;
}

function reads(next: StoredFormat, old: StoredFormat): boolean {
  if (next.format !== old.format) return false;
  if (next.upgrades === true && next.version > old.version) return true;
  return next.version === old.version || (next.readsVersions ?? []).includes(old.version);
}

function changelogOf({ detail }: ManifestStore): string {
  const topic = detail['changelogTopic'];
  if (typeof topic === 'string') return `the source topic '${topic}'`;
  return detail['changelog'] === 'source' ? 'the source topic' : 'a topic of its own';
}

function windowText({ detail }: ManifestStore): string {
  return canonicalJson(stateDetail({ ...detail, changelog: null, changelogTopic: null }));
}

function changedTopic([old, next]: Pair<ManifestTopic>): Refusal[] {
  const problems = changedCount([old, next]);
  if (old.partitioner === next.partitioner) return problems;
  const message =
    `the partitioner of '${next.owner ?? next.topic}' was ${old.partitioner ?? 'the default'} and ` +
    `is ${next.partitioner ?? 'the default'}: keys would be looked for in other tasks`;
  const accept = `PARTITIONING_CHANGED:${next.owner ?? next.topic}`;
  return [...problems, { code: 'PARTITIONING_CHANGED', ...nodeOf(next), message, accept }];
}

interface Counted {
  readonly topic: string;
  readonly partitions: number;
}

function changedCount([old, next]: Pair<Counted>): Refusal[] {
  if (old.partitions === next.partitions) return [];
  const message =
    `'${next.topic}' had ${old.partitions} partitions and would have ${next.partitions}: keys ` +
    'would be looked for in other tasks; restore the count, or reset the application';
  return [{ code: 'PARTITIONING_CHANGED', message, accept: null }];
}

function nodeOf({ owner }: ManifestTopic): { node?: string } {
  return owner === null ? {} : { node: owner };
}

function raisedOrTuned([old, next]: Pair<ManifestStore>): string[] {
  const raised = old.value.version !== next.value.version && reads(next.value, old.value);
  const sameState =
    canonicalJson(stateDetail(old.detail)) === canonicalJson(stateDetail(next.detail));
  const tuned = sameState && canonicalJson(old.detail) !== canonicalJson(next.detail);
  return [
    ...(raised ? [`values of '${next.name}' are now written as ${formatText(next.value)}`] : []),
    ...(tuned ? [`grace, retention or the like of '${next.name}' has changed`] : []),
  ];
}
