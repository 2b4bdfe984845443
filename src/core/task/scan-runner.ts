import { andThen, isPromise, type MaybePromise } from '../model/maybe-promise.ts';
import type { Scannable, ScanCursor } from './state-port.ts';

/** Entries read at once: enough to make a promise cheap, few enough to keep a slice short. */
const scanBatchEntries = 1000;

interface PendingScan {
  readonly node: string;
  readonly cursor: ScanCursor<unknown>;
  readonly visit: (entry: unknown) => void;
}

/** The ranges that the current record or timer asked for, run in order before anything else. */
export class ScanRunner {
  private readonly pending: PendingScan[] = [];

  constructor(private readonly failedIn: (node: string, error: unknown) => unknown) {}

  get isEmpty(): boolean {
    return this.pending.length === 0;
  }

  add<Range, Entry>(
    node: string,
    store: Scannable<Range, Entry>,
    range: Range,
    visit: (entry: Entry) => void,
  ): void {
    const cursor: ScanCursor<unknown> = store.openScan(range);
    const visitAny = visit as (entry: unknown) => void; // takes what this cursor gives
    this.pending.push({ node, cursor, visit: visitAny });
  }

  /** Runs what is asked for, and what that asks for in turn. */
  run(): MaybePromise<void> {
    for (;;) {
      const scan = this.pending[0];
      if (scan === undefined) return undefined;
      const entries = scan.cursor.next(scanBatchEntries);
      if (isPromise(entries)) {
        return entries.then((read) => andThen(this.visitAll(scan, read), () => this.run()));
      }
      const done = this.visitAll(scan, entries);
      if (isPromise(done)) return done.then(() => this.run());
    }
  }

  /** Forgets what is left, after an error. */
  clear(): MaybePromise<void> {
    const closing = this.pending.splice(0).map(({ cursor }) => cursor.close());
    return closing.some(isPromise) ? Promise.all(closing).then(() => undefined) : undefined;
  }

  private visitAll(scan: PendingScan, entries: readonly unknown[]): MaybePromise<void> {
    if (entries.length === 0) {
      this.pending.shift();
      return scan.cursor.close();
    }
    try {
      for (const entry of entries) scan.visit(entry);
    } catch (error) {
      throw this.failedIn(scan.node, error);
    }
    return undefined;
  }
}
