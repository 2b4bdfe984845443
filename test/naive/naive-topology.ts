import type { Step } from '../conformance/case-file.ts';
import { NaiveAggregation, type NaivePair, NaiveTableAggregation } from './aggregations.ts';
import { NaiveForeignKeyJoin, NaiveLookupJoin, NaiveStreamJoin, NaiveTableJoin } from './joins.ts';
import {
  changeOf,
  type NaiveNode,
  type NaiveKey,
  NaiveStateless,
  type NaiveWorld,
  prefixOf,
} from './naive-node.ts';
import { NaiveRepartition } from './repartition.ts';
import { NaiveStreamSource, type NaiveSource, NaiveTableSource } from './sources.ts';
import { NaiveDerived, NaiveUpsert, NaiveVersioned } from './tables.ts';
import {
  NaiveDeduplicate,
  NaiveDelay,
  NaiveDistinctUntilChanged,
  NaivePattern,
  NaiveSuppress,
  NaiveTicks,
} from './waiting.ts';
import {
  NaiveSessionWindows,
  NaiveSlidingWindows,
  NaiveTimeWindows,
  type NaiveWindow,
  NaiveWindowedAggregation,
} from './windows.ts';

/** What a step leaves under its id. */
interface Built {
  readonly node: NaiveNode;
  readonly kind: 'stream' | 'table' | 'stream-group' | 'table-group';
  readonly isKeyChanged: boolean;
}

/** The nodes of a case, connected, each in its domain of time. */
export class NaiveTopology {
  readonly sources: NaiveSource[] = [];
  readonly repartitions: NaiveRepartition[] = [];
  private readonly built = new Map<string, Built>();
  private readonly nodes: NaiveNode[] = [];

  constructor(
    steps: readonly Step[],
    private readonly world: NaiveWorld,
  ) {
    for (const step of steps) this.build(step);
    this.formDomains();
  }

  private build(step: Step): void {
    const build = this.builders[step.op];
    if (build === undefined) throw new Error(`The interpreter knows no '${step.op}'.`);
    build(step);
  }

  private readonly builders: Readonly<Record<string, (step: Step) => void>> = {
    stream: (step) => this.define(step, this.addSource(new NaiveStreamSource(step, this.world))),
    table: (step) => {
      const source = this.addSource(new NaiveTableSource(step, this.world));
      const isVersioned = step['historyRetention'] !== undefined;
      const rows = new (isVersioned ? NaiveVersioned : NaiveUpsert)(step, this.world);
      this.define(step, this.connect(rows, source), 'table');
    },
    filter: (step) => this.each(step, (value) => (passes(step, value) ? value : null), true),
    mapValues: (step) => this.each(step, (value) => value + String(step['append']), false),
    selectKey: (step) => {
      const from = this.of(step['of']);
      const node = new NaiveStateless(step, this.world, (record, own) => {
        own.forward({ ...record, key: prefixOf(record.value as string | null) }); // text
      });
      this.define(step, this.connect(node, from.node), 'stream', true);
    },
    merge: (step) => {
      const [left, right] = [this.of(step['left']), this.of(step['right'])];
      const node = this.passing(step);
      this.connect(node, left.node);
      this.connect(node, right.node);
      this.define(step, node, 'stream', left.isKeyChanged || right.isKeyChanged);
    },
    split: (step) => this.split(step),
    repartition: (step) => this.define(step, this.repartitioned(step, this.of(step['of']).node)),
    toStream: (step) => {
      const node = new NaiveStateless(step, this.world, (record, own) => {
        own.forward({ ...record, value: changeOf(record).to });
      });
      this.define(step, this.connect(node, this.of(step['of']).node));
    },
    toTable: (step) => {
      const from = this.byItsKey(step, this.of(step['of']));
      this.define(step, this.connect(new NaiveUpsert(step, this.world), from), 'table');
    },
    groupByKey: (step) => {
      const from = this.of(step['of']);
      const node = from.isKeyChanged ? this.withoutNulls(step, from.node) : from.node;
      this.built.set(step.id, { node, kind: 'stream-group', isKeyChanged: from.isKeyChanged });
    },
    groupBy: (step) => this.groupBy(step),
    count: (step) => this.aggregation(step),
    reduce: (step) => this.aggregation(step),
    aggregate: (step) => this.aggregation(step),
    countDistinct: (step) => this.aggregation(step),
    topN: (step) => this.aggregation(step),
    cogroup: (step) => this.aggregation(step),
    suppress: (step) => {
      const of = this.of(step['of']).node;
      const isUntilClose = step['until'] === 'window-closes';
      const aggregation = isUntilClose ? this.aggregationAbove(step) : null;
      const node = new NaiveSuppress(step, this.world, aggregation);
      this.define(step, this.connect(node, of), 'table');
    },
    join: (step) => this.join(step),
    deduplicate: (step) => this.behind(step, new NaiveDeduplicate(step, this.world)),
    distinctUntilChanged: (step) =>
      this.behind(step, new NaiveDistinctUntilChanged(step, this.world)),
    delay: (step) => this.behind(step, new NaiveDelay(step, this.world)),
    ticks: (step) => this.behind(step, new NaiveTicks(step, this.world), true),
    pattern: (step) => {
      const timeouts = this.side(step['timeouts']);
      this.behind(step, new NaivePattern(step, this.world, timeouts));
    },
    to: (step) => {
      const { node, kind } = this.of(step['of']);
      const sink = new NaiveStateless(step, this.world, (record) => {
        const value = kind === 'table' ? changeOf(record).to : record.value;
        this.world.output(String(step['topic']), { ...record, value });
      });
      this.connect(sink, node);
    },
  };

  private of(id: unknown): Built {
    const built = this.built.get(String(id));
    if (built === undefined) throw new Error(`No step before this one is called '${String(id)}'.`);
    return built;
  }

  private define(
    step: Pick<Step, 'id'>,
    node: NaiveNode,
    kind: Built['kind'] = 'stream',
    isKeyChanged = false,
  ): void {
    this.built.set(step.id, { node, kind, isKeyChanged });
  }

  private behind(step: Step, node: NaiveNode, changesKey = false): void {
    const from = this.of(step['of']);
    this.define(step, this.connect(node, from.node), 'stream', from.isKeyChanged || changesKey);
  }

  private addSource<Source extends NaiveSource>(source: Source): Source {
    this.sources.push(source);
    this.nodes.push(source);
    return source;
  }

  private connect<Node extends NaiveNode>(node: Node, parent: NaiveNode, input = 0): Node {
    parent.children.push({ node, input });
    if (!this.nodes.includes(node)) this.nodes.push(node);
    return node;
  }

  private passing(step: Step): NaiveStateless {
    return new NaiveStateless(step, this.world, (record, node) => node.forward(record));
  }

  /** A stream that another node feeds by hand. */
  private side(id: unknown): NaiveNode | null {
    if (id === undefined) return null;
    const step = { id: String(id), op: 'side' };
    const node = this.passing(step);
    this.nodes.push(node);
    this.define(step, node);
    return node;
  }

  private each(step: Step, of: (value: string) => string | null, isFilter: boolean): void {
    const from = this.of(step['of']);
    if (from.kind === 'table') {
      const node = new NaiveDerived(step, this.world, of);
      return this.define(step, this.connect(node, from.node), 'table');
    }
    const node = new NaiveStateless(step, this.world, (record, own) => {
      const value = record.value === null ? null : of(record.value as string); // text
      if (isFilter && value === null && record.value !== null) return;
      own.forward({ ...record, value });
    });
    this.behind(step, node);
  }

  private split(step: Step): void {
    const branches = step['branches'] as readonly { id: string; prefix: string }[]; // as the format says
    const rest = step['default'];
    const ids = [...branches.map(({ id }) => id), ...(rest === undefined ? [] : [String(rest)])];
    const from = this.of(step['of']);
    const outs = new Map(ids.map((id) => [id, this.passing({ id, op: 'branch' })]));
    const node = new NaiveStateless(step, this.world, (record, own) => {
      const text = record.value as string | null; // of a stream
      const branch = branches.find(({ prefix }) => text?.startsWith(prefix) ?? false);
      const out = outs.get(branch?.id ?? String(rest));
      if (out !== undefined) own.forward(record, out);
    });
    this.connect(node, from.node);
    for (const [id, out] of outs) {
      this.define({ id }, this.connect(out, node), 'stream', from.isKeyChanged);
    }
  }

  private repartitioned(step: Pick<Step, 'id'>, from: NaiveNode): NaiveNode {
    const node = new NaiveRepartition({ ...step, op: 'repartition' }, this.world);
    this.connect(node, from);
    this.repartitions.push(node);
    this.nodes.push(node.reader);
    return node.reader;
  }

  private byItsKey({ id }: Step, { node, isKeyChanged }: Built, name = `${id}-input`): NaiveNode {
    return isKeyChanged ? this.repartitioned({ id: name }, node) : node;
  }

  private withoutNulls(step: Step, from: NaiveNode): NaiveNode {
    const node = new NaiveStateless(step, this.world, (record, own) => {
      if (record.key === null) return this.world.drop('null-key');
      if (record.value === null) return this.world.drop('null-value');
      own.forward(record);
    });
    return this.connect(node, from);
  }

  private groupBy(step: Step): void {
    const from = this.of(step['of']);
    if (from.kind === 'table') return this.groupTable(step, from.node);
    const keyed = new NaiveStateless(step, this.world, (record, own) => {
      own.forward({ ...record, key: prefixOf(record.value as string | null) }); // text
    });
    const checked = this.withoutNulls(step, this.connect(keyed, from.node));
    this.define(step, this.repartitioned(step, checked), 'stream-group');
  }

  private groupTable(step: Step, from: NaiveNode): void {
    const node = new NaiveStateless(step, this.world, (record, own) => {
      const { from: before, to: after } = changeOf(record);
      const half = (value: unknown) => halfOf(step, value as string | null); // text
      const [old, now] = [half(before), half(after)];
      if (before !== null && old === null) this.world.drop('null-key');
      if (after !== null && now === null) this.world.drop('null-key');
      const primary = record.key as string; // a table of cases has text as keys
      const pair = (key: NaiveKey, value: Omit<NaivePair, 'primary'>) =>
        own.forward({ key, value: { primary, ...value }, timestamp: record.timestamp });
      if (old !== null && now !== null && old.key === now.key) {
        return pair(now.key, { from: old.value, to: now.value });
      }
      if (old !== null) pair(old.key, { from: old.value, to: null });
      if (now !== null) pair(now.key, { from: null, to: now.value });
    });
    this.define(step, this.repartitioned(step, this.connect(node, from)), 'table-group');
  }

  private aggregation(step: Step): void {
    const ids = [step['of']].flat();
    const groups = ids.map((id) => this.of(id));
    const node = this.aggregationNode(step, groups[0]?.kind === 'table-group');
    for (const [input, group] of groups.entries()) {
      const name = groups.length === 1 ? `${step.id}-input` : `${step.id}-input-${input}`;
      this.connect(node, this.byItsKey(step, group, name), input);
    }
    this.define(step, node, 'table');
  }

  private aggregationNode(step: Step, isOfTable: boolean): NaiveNode {
    if (isOfTable) return new NaiveTableAggregation(step, this.world);
    const window = step['window'] as NaiveWindow | undefined; // as the case format says
    if (window === undefined) return new NaiveAggregation(step, this.world);
    const late = this.side(step['late']);
    if (window.kind === 'session') return new NaiveSessionWindows(step, this.world, late);
    if (window.kind === 'sliding') return new NaiveSlidingWindows(step, this.world, late);
    return new NaiveTimeWindows(step, this.world, late);
  }

  private aggregationAbove(step: Step): NaiveWindowedAggregation {
    let { node } = this.of(step['of']);
    while (!(node instanceof NaiveWindowedAggregation)) node = this.of(node.step['of']).node;
    return node;
  }

  private join(step: Step): void {
    const [left, right] = [this.of(step['left']), this.of(step['right'])];
    if (step['kind'] === 'stream-table') {
      const node = new NaiveLookupJoin(step, this.world, right.node);
      return this.define(step, this.connect(node, this.byItsKey(step, left)));
    }
    const isOfStreams = step['kind'] === 'stream-stream';
    const node = isOfStreams
      ? new NaiveStreamJoin(step, this.world, this.side(step['late']))
      : new (step['kind'] === 'foreign-key' ? NaiveForeignKeyJoin : NaiveTableJoin)(
          step,
          this.world,
        );
    this.connect(node, this.byItsKey(step, left, `${step.id}-left`), 0);
    this.connect(node, this.byItsKey(step, right, `${step.id}-right`), 1);
    this.define(step, node, isOfStreams ? 'stream' : 'table');
  }

  /** Along the edges that records take; lookups and internal topics carry no time. */
  private formDomains(): void {
    for (const node of this.nodes) {
      for (const { node: child } of node.children) {
        if (child.domain !== node.domain) this.unite(node, child);
      }
      for (const side of [node.step['late'], node.step['timeouts']]) {
        const child = this.built.get(String(side))?.node ?? node;
        if (child.domain !== node.domain) this.unite(node, child);
      }
    }
    for (const node of this.nodes) node.domain.nodes.push(node);
  }

  private unite(a: NaiveNode, b: NaiveNode): void {
    const gone = b.domain;
    for (const node of this.nodes) if (node.domain === gone) node.domain = a.domain;
  }
}

function passes({ dropPrefix, atLeast }: Step, value: string): boolean {
  if (dropPrefix !== undefined) return !value.startsWith(String(dropPrefix));
  return Number(value) >= Number(atLeast);
}

/** Key and value of one half of a change; null where there is none. */
function halfOf(step: Step, value: string | null): { key: string; value: string } | null {
  if (value === null) return null;
  const { first, constant } = step;
  if (constant !== undefined) return { key: String(constant), value };
  if (first === true) return { key: value.slice(0, 1), value: value.slice(1) };
  const key = prefixOf(value);
  return key === null ? null : { key, value };
}
