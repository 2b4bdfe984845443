import { buildTopology } from '../../src/core/topology/build-topology.ts';
import type { OperatorNode, PlanNode, Topology } from '../../src/core/topology/plan.ts';
import type { OperatorContext, Processor } from '../../src/core/topology/processor.ts';

/** What operators were made to do. */
export interface Work {
  /** Timers and ticks that were run. */
  timers: number;
  /** Rows that were read or written, one by one or in a scan. */
  rows: number;
  /** Scans asked for, empty ones too. */
  scans: number;
}

type AnyContext = OperatorContext<unknown, unknown>;
type Method = (...parameters: unknown[]) => unknown;

/** The same topology, whose operators count what they do. */
export function countedTopology(topology: Topology): { topology: Topology; work: Work } {
  const work: Work = { timers: 0, rows: 0, scans: 0 };
  const copies = new Map<PlanNode, PlanNode>();
  const copyOf = (node: PlanNode) => copies.get(node) ?? node;
  for (const node of topology.nodes) {
    const parents = node.parents.map(copyOf);
    copies.set(
      node,
      node.type === 'operator'
        ? { ...node, ...counted(node, work), parents, lookups: node.lookups.map(copyOf) }
        : { ...node, parents },
    );
  }
  return { topology: buildTopology(topology, [...copies.values()]), work };
}

function counted(node: OperatorNode, work: Work): Pick<OperatorNode, 'createProcessor'> {
  return {
    createProcessor(context) {
      const processor = node.createProcessor(countedContext(context, work));
      return countedTimers(processor, work);
    },
  };
}

function countedTimers(
  processor: Processor<unknown, unknown>,
  work: Work,
): Processor<unknown, unknown> {
  return {
    process: (record) => processor.process(record),
    onTimer(timer) {
      work.timers += 1;
      processor.onTimer?.(timer);
    },
    onCommit: () => processor.onCommit?.(),
  };
}

function countedContext(context: AnyContext, work: Work): AnyContext {
  const own = Object.create(context) as AnyContext; // all else is the context's own
  const stores = new Map<unknown, unknown>();
  const originals = new Map<unknown, unknown>();
  const store: AnyContext['store'] = (definition) => {
    const original = context.store(definition);
    const known = stores.get(original) as typeof original | undefined; // put in below
    if (known !== undefined) return known;
    const wrapped = countedStore(original, work);
    stores.set(original, wrapped);
    originals.set(wrapped, original);
    return wrapped;
  };
  const scan: AnyContext['scan'] = (scanned, range, visit) => {
    work.scans += 1;
    const original = (originals.get(scanned) ?? scanned) as typeof scanned; // what it wraps
    context.scan(original, range, (entry) => {
      work.rows += 1;
      visit(entry);
    });
  };
  const schedule = (...given: unknown[]): void => {
    const [request, callback] = given;
    const tick = (...parameters: unknown[]) => {
      work.timers += 1;
      (callback as Method)(...parameters); // of a periodic schedule
    };
    const call = context.schedule.bind(context) as Method; // either overload
    if (callback === undefined) call(request);
    else call(request, tick);
  };
  return Object.defineProperties(own, {
    store: { value: store },
    scan: { value: scan },
    schedule: { value: schedule },
  });
}

const reading: ReadonlySet<PropertyKey> = new Set(['get', 'put', 'remove']);

function countedStore<S>(store: S, work: Work): S {
  if (typeof store !== 'object' || store === null) return store;
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const method = member as Method; // a method of a store
      return (...parameters: unknown[]) => {
        if (reading.has(name)) work.rows += 1;
        return method.apply(target, parameters);
      };
    },
  });
}
