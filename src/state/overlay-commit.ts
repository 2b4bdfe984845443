import { invariant } from '../core/model/invariant.ts';
import type { Row } from '../core/model/record.ts';
import type { ChangeSink } from '../core/task/state-port.ts';
import type { CommittedRows, RowBatch } from './committed-rows.ts';
import type { Entry } from './entry.ts';
import type { RowKey } from './key-codec.ts';
import type { Overlay } from './overlay.ts';

/** The key of an entry as its parts. */
export function rowKeyOf<K, V>({ key, startMs, section }: Entry<K, V>): RowKey<K> {
  return { key, startMs, endMs: section.endMs };
}

/** Tells what was put since the last drain, in order of first write. */
export function tellChanges<K, V>(
  overlay: Overlay<K, V>,
  visit: (entry: Entry<K, V>, oldRow: Row<V> | null, newRow: Row<V> | null) => void,
): void {
  const { dirty } = overlay;
  const count = dirty.length;
  for (let index = 0; index < count; index++) {
    const entry = dirty[index];
    if (entry?.state !== 'put') continue;
    // Before the visit: who looks the row up in it finds what is told.
    entry.isTold = true;
    visit(entry, overlay.committedRowOf(entry), overlay.rowOf(entry));
  }
}

/**
 * Serialises each written row once: the same bytes for the changelog and the batch. What is written
 * from now on belongs to the next commit.
 */
export function drainOverlay<K, V>(
  overlay: Overlay<K, V>,
  rows: CommittedRows,
  target: { readonly sink: ChangeSink; readonly batch: RowBatch },
): void {
  const { codec, memory, name, dirty } = overlay;
  const { writer } = memory;
  invariant(overlay.committing.length === 0, 'One commit of a task is under way at a time.');
  let payloadBytes = 0;
  for (const entry of dirty) {
    const row = overlay.rowOf(entry);
    const wasThere = entry.committed !== null;
    const keyStart = codec.beginRow(rowKeyOf(entry));
    const keyEnd = writer.length;
    if (row !== null) {
      codec.writeValue(keyStart, row);
      memory.cache.grow(entry.resize(writer.length - keyEnd));
      payloadBytes += writer.length - keyEnd;
      const envelope = writer.view(keyEnd, writer.length);
      target.batch.put(rows, writer.view(0, keyEnd), envelope);
      target.sink.change(name, writer.view(keyStart, keyEnd), envelope);
    } else if (wasThere) {
      target.batch.remove(rows, writer.view(0, keyEnd));
      target.sink.change(name, writer.view(keyStart, keyEnd), null);
    }
  }
  if (payloadBytes > 0) overlay.payloadBytes = Math.ceil(payloadBytes / dirty.length);
  overlay.before = dirty.map(beginCommitting);
  overlay.committing = dirty;
  overlay.dirty = [];
}

/** Answers what a failure puts back. */
function beginCommitting<K, V>(entry: Entry<K, V>): Row<V> | null | undefined {
  const { committed } = entry;
  entry.state = 'clean';
  entry.isTold = false;
  entry.isPinned = true;
  entry.committed = undefined;
  return committed;
}

/** The log said yes: nothing puts the rows before it back any more. They are not yet on disk. */
export function acknowledge<K, V>(overlay: Overlay<K, V>): void {
  overlay.before = [];
}

/** The batch is written: its rows may leave memory, and rows that are gone do. */
export function endCommit<K, V>(overlay: Overlay<K, V>): void {
  for (const entry of overlay.committing) {
    entry.isPinned = false;
    if (entry.row === null && entry.state === 'clean') overlay.discard(entry);
  }
  overlay.committing = [];
}

/** Drops all uncommitted writes: those since the drain, and those of a commit without an answer. */
export function forgetWrites<K, V>(overlay: Overlay<K, V>): void {
  for (const entry of overlay.dirty) {
    entry.row = entry.committed;
    entry.committed = undefined;
    entry.state = 'clean';
    entry.isTold = false;
  }
  overlay.dirty = [];
  const { before } = overlay;
  if (before.length === 0) return;
  for (const [index, entry] of overlay.committing.entries()) {
    entry.row = before[index];
    entry.isPinned = false;
  }
  overlay.committing = [];
  overlay.before = [];
}
