import type {
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  TopologyBuilder,
} from '../../src/index.ts';

/** In a case keys and values are text or null; a windowed key passes through as if it were text. */
export type CaseStream = KStream<string | null, string | null>;
export type CaseGroup = KGroupedStream<string, string>;
export type CaseTableGroup = KGroupedTable<string, string, string>;
export type CaseTable = KTable<string, string>;

/** What a step leaves behind under its id. */
export type CaseNode =
  | { readonly kind: 'stream'; readonly stream: CaseStream }
  | { readonly kind: 'group'; readonly group: CaseGroup }
  | { readonly kind: 'table-group'; readonly group: CaseTableGroup }
  | { readonly kind: 'table'; readonly table: CaseTable };

/** An operator, or a form of one, that the library does not have. */
export class UnsupportedStep extends Error {
  constructor(readonly kind: string) {
    super(`'${kind}' does not exist yet.`);
  }
}

/** The topology under construction and what its steps are called. */
export class CaseBuild {
  private readonly nodes = new Map<string, CaseNode>();
  readonly outputTopics = new Set<string>();

  constructor(readonly builder: TopologyBuilder) {}

  define(id: string, node: CaseNode): void {
    this.nodes.set(id, node);
  }

  node(id: unknown): CaseNode {
    const node = this.nodes.get(String(id));
    if (node === undefined) throw new Error(`No step before this one is called '${String(id)}'.`);
    return node;
  }

  stream(id: unknown): CaseStream {
    const node = this.node(id);
    if (node.kind === 'stream') return node.stream;
    throw new UnsupportedStep(`${node.kind} as a stream`);
  }

  table(id: unknown): CaseTable {
    const node = this.node(id);
    if (node.kind === 'table') return node.table;
    throw new UnsupportedStep(`${node.kind} as a table`);
  }

  group(id: unknown): CaseGroup {
    const node = this.node(id);
    if (node.kind === 'group') return node.group;
    throw new UnsupportedStep(`${node.kind} as a group`);
  }
}
