import type { Dice } from './choice.ts';
import { randomEmission, randomWindows } from './random-windows.ts';
import type { Offered, TopologyDraft } from './topology-draft.ts';

/** Adds an operator to the draft where it has the operands for it. */
export type RandomOperator = (draft: TopologyDraft, dice: Dice) => void;

const isStream = ({ kind, isWindowed }: Offered) => kind === 'stream' && !isWindowed;
const isTable = ({ kind, isWindowed }: Offered) => kind === 'table' && !isWindowed;

function pick(draft: TopologyDraft, dice: Dice, of: (offered: Offered) => boolean) {
  return dice.pick(draft.offered.filter(of));
}

/** The task behind a repartition where the key was changed, else the own one. */
function taskByKey(draft: TopologyDraft, { task, isKeyChanged }: Offered): number {
  return isKeyChanged ? draft.newTask(1) : task;
}

/** By the name of each. */
export const randomOperators: Readonly<Record<string, RandomOperator>> = {
  filter(draft, dice) {
    const of = pick(draft, dice, () => true);
    if (of === null) return;
    const rule = dice.one<object>({ dropPrefix: 'a' }, { dropPrefix: 'b' }, { atLeast: 2 });
    const id = draft.add('filter', { of: draft.use(of), ...rule });
    draft.offer({ ...of, id, isVersioned: false });
  },
  mapValues(draft, dice) {
    const of = pick(draft, dice, () => true);
    if (of === null) return;
    const id = draft.add('mapValues', { of: draft.use(of), append: dice.one('0', '1') });
    draft.offer({ ...of, id, isVersioned: false });
  },
  selectKey(draft, dice) {
    const of = pick(draft, dice, ({ kind }) => kind === 'stream');
    if (of === null) return;
    const id = draft.add('selectKey', { of: draft.use(of) });
    draft.offer({ ...of, id, isKeyChanged: true, isWindowed: false });
  },
  merge(draft, dice) {
    const [left, right] = [pick(draft, dice, isStream), pick(draft, dice, isStream)];
    if (left === null || right === null || left === right) return;
    const task = draft.unite(left.task, right.task);
    if (task === null) return;
    const id = draft.add('merge', { left: draft.use(left), right: draft.use(right) });
    const isKeyChanged = left.isKeyChanged || right.isKeyChanged;
    const isScored = left.isScored && right.isScored;
    draft.offer({ ...left, id, task, isKeyChanged, isScored, sources: together(left, right) });
  },
  split(draft, dice) {
    const of = pick(draft, dice, isStream);
    if (of === null) return;
    const [id, first, rest] = [draft.nextId(), draft.nextId(), draft.nextId()];
    const branches = [{ id: first, prefix: dice.one('a', 'b') }];
    draft.add('split', { of: draft.use(of), branches, default: rest }, id);
    for (const branch of [first, rest]) draft.offer({ ...of, id: branch });
  },
  repartition(draft, dice) {
    const of = pick(draft, dice, isStream);
    if (of === null) return;
    const id = draft.add('repartition', { of: draft.use(of) });
    draft.offer({ ...of, id, isKeyChanged: false, task: draft.newTask(1) });
  },
  toStream(draft, dice) {
    const of = pick(draft, dice, ({ kind }) => kind === 'table');
    if (of === null) return;
    const id = draft.add('toStream', { of: draft.use(of) });
    draft.offer({ ...of, id, kind: 'stream', isVersioned: false });
  },
  toTable(draft, dice) {
    const of = pick(draft, dice, isStream);
    if (of === null) return;
    const task = taskByKey(draft, of);
    const ttl = dice.one<object>({}, {}, { ttl: 15 });
    const id = draft.add('toTable', { of: draft.use(of), ...ttl });
    draft.offer({ ...of, id, kind: 'table', isKeyChanged: false, task });
  },
  count: (draft, dice) => aggregation(draft, dice, 'count'),
  reduce: (draft, dice) => aggregation(draft, dice, 'reduce'),
  aggregate: (draft, dice) => aggregation(draft, dice, 'aggregate'),
  countDistinct: (draft, dice) => aggregation(draft, dice, 'countDistinct'),
  topN: (draft, dice) => aggregation(draft, dice, 'topN'),
  cogroup(draft, dice) {
    const isPlain = (of: Offered) => isStream(of) && !of.isKeyChanged;
    const [left, right] = [pick(draft, dice, isPlain), pick(draft, dice, isPlain)];
    if (left === null || right === null || left === right) return;
    const task = draft.unite(left.task, right.task);
    if (task === null) return;
    const of = [left, right].map((one) => draft.add('groupByKey', { of: draft.use(one) }));
    const window = randomWindows(dice);
    const fields = { op: 'cogroup', of, marks: ['<', '>'], ...window };
    const isScored = left.isScored && right.isScored;
    offerAggregation(draft, dice, fields, { task, isScored, sources: together(left, right) });
  },
  tableAggregation(draft, dice) {
    const op = dice.one('count', 'reduce', 'aggregate', 'topN');
    const of = pick(draft, dice, (one) => isTable(one) && (op !== 'topN' || one.isScored));
    if (of === null) return;
    const by = dice.one<object>({}, { constant: 'g' });
    const group = draft.add('groupBy', { of: draft.use(of), ...by });
    const fields = { op, of: group, ...(op === 'topN' ? { n: dice.one(1, 2, 3) } : {}) };
    const { isScored, sources } = of;
    offerAggregation(draft, dice, fields, { task: draft.newTask(1), sources, isScored });
  },
  suppress(draft, dice) {
    const of = pick(draft, dice, ({ kind, isVersioned }) => kind === 'table' && !isVersioned);
    if (of === null) return;
    const ms = dice.one(5, 12, 40);
    const id = draft.add('suppress', { of: draft.use(of), until: 'time-limit', ms });
    draft.offer({ ...of, id });
  },
  streamJoin(draft, dice) {
    const left = pick(draft, dice, isStream);
    const right = dice.below(4) === 0 ? left : pick(draft, dice, isStream);
    if (left === null || right === null) return;
    if (left === right && left.isKeyChanged) return;
    const task = draft.unite(taskByKey(draft, left), taskByKey(draft, right));
    if (task === null) return;
    const type = dice.one('inner', 'left', 'outer');
    const bounds = { before: dice.one(5, 0, 12), after: dice.one(5, 0, 30), grace: dice.one(0, 4) };
    const sides = { left: draft.use(left), right: draft.use(right) };
    const id = draft.add('join', { kind: 'stream-stream', type, ...sides, ...bounds });
    draft.offer({ id, kind: 'stream', task, sources: together(left, right) });
  },
  streamTableJoin(draft, dice) {
    const left = pick(draft, dice, isStream);
    const right = pick(draft, dice, isTable);
    if (left === null || right === null) return;
    const task = draft.unite(taskByKey(draft, left), right.task);
    if (task === null) return;
    const sides = { left: draft.use(left), right: draft.use(right) };
    const grace = right.isVersioned ? dice.one<object>({}, { grace: dice.one(3, 9) }) : {};
    const type = dice.one('inner', 'left');
    const id = draft.add('join', { kind: 'stream-table', type, ...sides, ...grace });
    draft.offer({ id, kind: 'stream', task, sources: left.sources });
  },
  tableJoin(draft, dice) {
    const isOther = (one: Offered) => isTable(one) && !one.isVersioned;
    const [left, right] = [pick(draft, dice, isOther), pick(draft, dice, isOther)];
    if (left === null || right === null || left === right) return;
    const task = draft.unite(left.task, right.task);
    if (task === null) return;
    const sides = { left: draft.use(left), right: draft.use(right) };
    const type = dice.one('inner', 'left', 'outer');
    const id = draft.add('join', { kind: 'table-table', type, ...sides });
    draft.offer({ id, kind: 'table', task, sources: together(left, right) });
  },
  foreignKeyJoin(draft, dice) {
    // Answers pass through a topic of their own, so nothing that looks at time stands behind.
    if (!draft.mixesTopics) return;
    const [left, right] = [draft.source('table'), draft.source('table')];
    draft.offered.splice(draft.offered.indexOf(left), 1);
    draft.offered.splice(draft.offered.indexOf(right), 1);
    const type = dice.one('inner', 'left');
    const id = draft.add('join', { kind: 'foreign-key', type, left: left.id, right: right.id });
    draft.add('to', { of: id, topic: `out-${id}` });
  },
  versionedTable(draft, dice) {
    const source = draft.source('table', { historyRetention: dice.one(20, 10, 100) });
    draft.offered.splice(draft.offered.indexOf(source), 1, { ...source, isVersioned: true });
  },
  deduplicate(draft, dice) {
    const of = pick(draft, dice, (one) => isStream(one) && !one.isKeyChanged);
    if (of === null) return;
    const grace = dice.one<object>({}, { grace: dice.one(0, 20) });
    const by = dice.one<object>({}, { by: 'value' }, { by: 'prefix' });
    const fields = { of: draft.use(of), within: dice.one(5, 12), ...grace, ...by };
    draft.offer({ ...of, id: draft.add('deduplicate', fields) });
  },
  distinctUntilChanged(draft, dice) {
    const of = pick(draft, dice, (one) => isStream(one) && !one.isKeyChanged);
    if (of === null) return;
    draft.offer({ ...of, id: draft.add('distinctUntilChanged', { of: draft.use(of) }) });
  },
  delay(draft, dice) {
    const of = pick(draft, dice, isStream);
    if (of === null) return;
    draft.offer({ ...of, id: draft.add('delay', { of: draft.use(of), ms: dice.one(5, 1, 30) }) });
  },
  pattern(draft, dice) {
    const of = pick(draft, dice, (one) => isStream(one) && !one.isKeyChanged);
    if (of === null) return;
    const [id, timeouts] = [draft.nextId(), draft.nextId()];
    const names = ['a', 'b', 'c'].slice(0, dice.one(2, 1, 3));
    const steps = names.map((prefix) => ({ as: prefix, prefix }));
    const overlap = dice.below(2) === 0;
    const grace = dice.one<object>({}, { grace: 4 });
    const limits = { within: dice.one(10, 4, 40), maxRuns: dice.one(100, 2), ...grace };
    draft.add('pattern', { of: draft.use(of), steps, overlap, timeouts, ...limits }, id);
    for (const out of [id, timeouts]) draft.offer({ ...of, id: out, isScored: false });
  },
  ticks(draft, dice) {
    const of = pick(draft, dice, isStream);
    if (of === null) return;
    const id = draft.add('ticks', { of: draft.use(of), every: dice.one(10, 25) });
    draft.offer({ id, kind: 'stream', task: of.task, isKeyChanged: true, sources: of.sources });
  },
};

function aggregation(draft: TopologyDraft, dice: Dice, op: string): void {
  const of = pick(draft, dice, (one) => isStream(one) && (op !== 'topN' || one.isScored));
  if (of === null) return;
  const isByOther = dice.below(3) === 0;
  const group = draft.add(isByOther ? 'groupBy' : 'groupByKey', { of: draft.use(of) });
  const task = isByOther ? draft.newTask(1) : taskByKey(draft, of);
  // Where a record that changes nothing makes a window anew, its row's time is left open.
  const isUnmoved = op === 'topN' || op === 'countDistinct';
  const window = randomWindows(dice, isUnmoved ? ['sliding'] : []);
  const settings = op === 'topN' ? { n: dice.one(1, 2, 3) } : {};
  const by = op === 'countDistinct' ? dice.one<object>({}, { by: 'prefix' }) : {};
  const fields = { op, of: group, ...window, ...settings, ...by };
  const { isScored, sources } = of;
  offerAggregation(draft, dice, fields, { task, sources, isScored });
}

function offerAggregation(
  draft: TopologyDraft,
  dice: Dice,
  { op, ...fields }: Readonly<Record<string, unknown>>,
  of: Pick<Offered, 'task' | 'sources' | 'isScored'>,
): void {
  const window = fields['window'] as { readonly kind: string } | undefined; // of `randomWindow`
  const late = window === undefined || window.kind === 'unlimited' ? null : draft.nextId();
  const emission = randomEmission(dice, window?.kind);
  const side = late === null ? {} : { late };
  const id = draft.add(String(op), { ...fields, ...emission, ...side });
  // Rows of a closed window are gone at once: nobody can look them up.
  const isScored = op === 'count' || op === 'countDistinct' || op === 'reduce';
  const { task, sources } = of;
  draft.offer({ id, kind: 'table', task, sources, isWindowed: window !== undefined, isScored });
  // What comes late is passed on as it came.
  if (late !== null) draft.offer({ ...of, id: late, kind: 'stream' });
}

function together(left: Offered, right: Offered): readonly string[] {
  return [...left.sources, ...right.sources];
}
