import type { FetchedPartition, PartitionEnds, TopicPartition } from '../log/port.ts';
import type { RecordBatch } from '../log/record-batch/record-batch.ts';
import { WorkerError } from '../model/errors.ts';
import { andThen, type MaybePromise } from '../model/maybe-promise.ts';
import { decodeProgress, type ProgressRow } from './progress-row.ts';
import type { RestoredChange, StatePosition, LocalState } from './state-port.ts';
import type { KnownProgress, RestoreSource } from './task-port.ts';

/**
 * A local copy that was last committed longer ago than this and lies behind its changelog is
 * rebuilt: the tombstones in between may be compacted away. Half of Kafka's `delete.retention.ms`.
 */
export const maxTailAgeMs = 12 * 3_600_000;

export interface Changelog extends TopicPartition {
  readonly store: string;
  /** Set where an input of the task is the changelog: its place among the inputs. */
  readonly input?: number;
}

/** Makes rows of the records of an input that is a changelog, as the task once did. */
export interface SourceRows {
  /** Null: the record was refused. */
  read(batch: RecordBatch, index: number, progress: ProgressRow | null): RestoredChange | null;
}

/** Brings the local state of a task to its progress row: reads the missing tail, or everything. */
export class Restoration {
  private row: ProgressRow | null = null;
  private nowMs = 0;
  private committedOffsets: readonly (number | null)[] = [];
  /** Read up to here. */
  private readonly positions = new Map<string, number>();
  /** What the state holds: what lies beyond the row was read, but not applied. */
  private readonly applied = new Map<string, number>();
  /** Changelog keys beyond the row's position, to be written again with their present value. */
  readonly beyond = new Map<string, Map<string, Uint8Array>>();

  constructor(
    private readonly taskId: string,
    private readonly state: LocalState,
    private readonly changelogs: readonly Changelog[],
    private readonly sourceRows: ReadonlyMap<string, SourceRows> = new Map(),
  ) {}

  /** The committed row, once `plan` was given it. */
  get progress(): ProgressRow | null {
    return this.row;
  }

  /** Next changelog offset by store. */
  get changelogPositions(): ReadonlyMap<string, number> {
    return this.positions;
  }

  /**
   * What to read from where. Clears a local copy that cannot be trusted first. The ends of the
   * changelogs are asked after the row: one that ends before it is lost.
   *
   * @throws {WorkerError} `OFFSETS_LOST`, `CHANGELOG_LOST`
   */
  plan(known: KnownProgress, nowMs: number): MaybePromise<readonly RestoreSource[]> {
    this.decode(known);
    this.checkLoss(known);
    return this.sources(known, nowMs);
  }

  /** As `plan`, beside an owner that goes on committing: its row may be newer than the ends. */
  planCopy(known: KnownProgress, nowMs: number): MaybePromise<readonly RestoreSource[]> {
    this.decode(known);
    return this.sources(known, nowMs);
  }

  private decode({ progressRow, committedOffsets }: KnownProgress): void {
    this.committedOffsets = committedOffsets;
    this.row = progressRow === null ? null : decodeProgress(progressRow);
  }

  private sources(
    { changelogEnds }: KnownProgress,
    nowMs: number,
  ): MaybePromise<readonly RestoreSource[]> {
    this.nowMs = nowMs;
    const local = this.state.position;
    const isUsable = local !== null && this.isUsable(local, changelogEnds);
    return andThen(isUsable ? undefined : this.state.clear(), () =>
      this.changelogs.flatMap((changelog, index) => {
        const { store, topic, partition, input } = changelog;
        const { logStartOffset = 0, logEndOffset = 0 } = changelogEnds[index] ?? {};
        // What an input holds beyond is still to be taken; in a changelog it is to be undone.
        const toOffset =
          input === undefined ? logEndOffset : Math.min(logEndOffset, this.endOf(changelog));
        const own = isUsable ? local.changelogs.get(store) : undefined;
        const fromOffset = Math.max(own ?? 0, logStartOffset);
        this.positions.set(store, fromOffset);
        this.applied.set(store, fromOffset);
        return fromOffset < toOffset ? [{ topic, partition, fromOffset, toOffset }] : [];
      }),
    );
  }

  /** Applies fetched changelog records: up to the row's position as they are. */
  apply({ topic, batches, nextOffset }: FetchedPartition): MaybePromise<void> {
    const changelog = this.changelogs.find((own) => own.topic === topic);
    if (changelog === undefined) return undefined;
    const { store } = changelog;
    const end = this.endOf(changelog);
    const changes: RestoredChange[] = [];
    const rows = changelog.input === undefined ? undefined : this.sourceRows.get(store);
    for (const batch of batches) {
      if (rows === undefined) this.collect(store, batch, end, changes);
      else this.collectRows({ store, rows, end }, batch, changes);
    }
    this.positions.set(store, nextOffset);
    this.applied.set(store, Math.max(this.applied.get(store) ?? 0, Math.min(nextOffset, end)));
    return this.state.restore(store, changes, this.position());
  }

  private collect(store: string, batch: RecordBatch, end: number, changes: RestoredChange[]): void {
    const from = this.positions.get(store) ?? 0;
    for (let index = 0; index < batch.count; index += 1) {
      const offset = batch.offset(index);
      const key = batch.key(index);
      if (offset < from || key === null) continue;
      if (offset < end) changes.push([key, batch.value(index)]);
      else this.markBeyond(store, key);
    }
  }

  private collectRows(
    {
      store,
      rows,
      end,
    }: { readonly store: string; readonly rows: SourceRows; readonly end: number },
    batch: RecordBatch,
    changes: RestoredChange[],
  ): void {
    const from = this.positions.get(store) ?? 0;
    for (let index = 0; index < batch.count; index += 1) {
      const offset = batch.offset(index);
      if (offset < from || offset >= end) continue;
      const change = rows.read(batch, index, this.row);
      if (change !== null) changes.push(change);
    }
  }

  /** Where what is committed of a changelog ends. */
  private endOf({ store, topic, input }: Changelog): number {
    if (input === undefined) return this.row?.changelogs[store] ?? 0;
    return this.row?.offsets[topic] ?? this.committedOffsets[input] ?? 0;
  }

  private markBeyond(store: string, key: Uint8Array): void {
    const keys = this.beyond.get(store) ?? new Map<string, Uint8Array>();
    keys.set(Buffer.from(key).toString('latin1'), Buffer.from(key));
    this.beyond.set(store, keys);
  }

  private position(): StatePosition {
    return {
      commitNumber: this.row?.commitNumber ?? 0,
      changelogs: new Map(this.applied),
      committedAtMs: this.nowMs,
    };
  }

  /** Not ahead of the log, not before its start, and not so old that tombstones may be gone. */
  private isUsable(local: StatePosition, ends: readonly PartitionEnds[]): boolean {
    if (local.commitNumber > (this.row?.commitNumber ?? 0)) return false;
    const isOld = this.nowMs - local.committedAtMs > maxTailAgeMs;
    return this.changelogs.every((changelog, index) => {
      const { store } = changelog;
      const { logStartOffset = 0, logEndOffset = 0 } = ends[index] ?? {};
      const position = local.changelogs.get(store);
      if (position === undefined) return true;
      const isBehind = position < this.endOf(changelog);
      const isInside = position <= logEndOffset && (position >= logStartOffset || !isBehind);
      return isInside && !(isBehind && isOld);
    });
  }

  /**
   * State without progress would be counted again from the beginning, and progress without state
   * would go on from nothing; either in silence.
   */
  private checkLoss({ changelogEnds, committedOffsets }: KnownProgress): void {
    if (this.row !== null) {
      this.checkChangelogs(changelogEnds);
      return;
    }
    const hasState = changelogEnds.some(({ logEndOffset, logStartOffset }, index) => {
      return this.changelogs[index]?.input === undefined && logEndOffset > logStartOffset;
    });
    const wasCommitted = committedOffsets.some((offset) => offset !== null && offset > 0);
    if (!hasState || !wasCommitted) return;
    throw new WorkerError(
      'OFFSETS_LOST',
      `Task ${this.taskId} has changelogs and committed offsets, but no progress row. ` +
        'Its progress topic was deleted or emptied; reset the application on purpose.',
      { where: { task: this.taskId } },
    );
  }

  private checkChangelogs(ends: readonly PartitionEnds[]): void {
    for (const [index, changelog] of this.changelogs.entries()) {
      const { store, topic, partition } = changelog;
      const position = this.endOf(changelog);
      const logEndOffset = ends[index]?.logEndOffset ?? 0;
      if (position <= logEndOffset) continue;
      throw new WorkerError(
        'CHANGELOG_LOST',
        `Task ${this.taskId} has committed its store '${store}' up to offset ${position} of ` +
          `'${topic}', partition ${partition}, which ends at ${logEndOffset}: the topic was ` +
          'deleted, made anew or cut. Going on would count from nothing; reset the application ' +
          'on purpose.',
        { where: { task: this.taskId, store, topic, partition, offset: logEndOffset } },
      );
    }
  }
}
