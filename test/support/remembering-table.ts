import {
  type DeliveryPlace,
  defineSink,
  SinkError,
  type SinkSpec,
  string,
} from '../../src/index.ts';
import type { SinkBatch, SinkPosition } from '../../src/index.ts';

/** How it knows a batch again: by its token, or by the position that it keeps with the rows. */
export type Memory = 'token' | 'position' | 'none';

/** Stands around each request: may delay it, lose it, or keep its answer back. */
export type Through = <T>(request: 'open' | 'apply', run: () => T) => Promise<T>;

interface Progress {
  readonly epoch: number;
  readonly next: number;
}

/** A system outside that rows are delivered to, with what it remembers of batches. */
export class RememberingTable {
  readonly rows: string[] = [];
  /** Batches that were sent again after they had been applied. */
  repeated = 0;
  /** Rows with this text are refused. */
  refuses: (row: string) => boolean = () => false;
  private readonly tokens = new Set<string>();
  private readonly progress = new Map<string, Progress>();

  constructor(private readonly memory: Memory) {}

  sink(
    change: Partial<SinkSpec<string>> = {},
    through: Through = (_request, run) => Promise.resolve().then(run),
  ) {
    return defineSink<string>({
      kind: 'table',
      name: 'rows',
      row: string(),
      connect: (place) => ({
        open: () => through('open', () => this.open(place)),
        apply: (batch) => through('apply', () => this.apply(place, batch)),
        close: () => Promise.resolve(),
      }),
      ...change,
    });
  }

  private open({ source, partition, epoch }: DeliveryPlace): SinkPosition | null {
    if (this.memory !== 'position') return null;
    const { next, epoch: known } = this.progressOf(source);
    if (known > epoch) throw new SinkError('fenced', 'SINK_FENCED', `epoch ${known} > ${epoch}`);
    this.progress.set(source, { epoch, next });
    void partition;
    return { next };
  }

  private apply(place: DeliveryPlace, { token, from, to, rows }: SinkBatch) {
    const texts = rows.map((row) => Buffer.from(row).toString());
    const { epoch, next } = this.progressOf(place.source);
    if (this.memory === 'position') {
      if (epoch > place.epoch) throw new SinkError('fenced', 'SINK_FENCED', 'a newer owner');
      if (next >= to) return this.again();
      if (next !== from) throw new SinkError('fatal', 'SINK_ROLLED_BACK', `${next} < ${from}`);
    }
    if (this.memory === 'token' && this.tokens.has(token)) return this.again();
    const bad = texts.find(this.refuses);
    if (bad !== undefined) throw new SinkError('refused', 'SINK_ROW_REFUSED', `bad row ${bad}`);
    this.rows.push(...texts);
    this.tokens.add(token);
    this.progress.set(place.source, { epoch, next: to });
    return 'applied' as const;
  }

  private again() {
    this.repeated += 1;
    return 'duplicate' as const;
  }

  private progressOf(source: string): Progress {
    return this.progress.get(source) ?? { epoch: 0, next: 0 };
  }
}
