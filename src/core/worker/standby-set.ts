import type { Log, Reader } from '../log/port.ts';
import { MillraceError } from '../model/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { runAll } from './run-all.ts';
import { Signal } from './signal.ts';
import type { StandbyCopy } from './standby-copy.ts';
import { StandbyPlace, type StandbyTask } from './standby-place.ts';
import type { CopyReport } from './user-data.ts';
import type { CopyStatus } from './worker.ts';

/** How often copies that have caught up look for more. */
const followMs = 500;

export interface StandbySetOptions {
  readonly log: Log;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly create: (task: string) => StandbyTask;
  /** A task may move here now: the leader has to be told. */
  readonly onWarm: () => void;
}

/** Copies of other workers' states, kept one step after the other beside the tasks that run. */
export class StandbySet {
  private readonly places = new Map<string, StandbyPlace>();
  private leaving: StandbyPlace[] = [];
  private readonly signal: Signal;
  private reader: Reader | null = null;
  /** The log could not be asked: said once, not each time. */
  private isCutOff = false;
  private loop: Promise<void> | null = null;
  /** Resolved whenever all that leave are closed. */
  private waiting: (() => void)[] = [];

  constructor(private readonly options: StandbySetOptions) {
    this.signal = new Signal(options.runtime.scheduler);
  }

  /** Takes the copies to keep from now on; others are closed and stay where they are on disk. */
  assign(standbys: readonly string[], warmUps: readonly string[]): void {
    const wanted = new Map<string, CopyStatus['kind']>([
      ...standbys.map((id) => [id, 'standby'] as const),
      ...warmUps.map((id) => [id, 'warm-up'] as const),
    ]);
    for (const id of [...this.places.keys()]) if (!wanted.has(id)) this.remove(id);
    for (const [id, kind] of wanted) (this.places.get(id) ?? this.add(id)).keepAs(kind);
    if (this.places.size > 0) this.loop ??= this.run();
    this.signal.notify();
  }

  /** Closes the copy of a task that is to run here: it goes on from where the copy is. */
  async release(id: string): Promise<void> {
    this.remove(id);
    await this.settled();
  }

  async close(): Promise<void> {
    for (const id of [...this.places.keys()]) this.remove(id);
    await this.settled();
    await this.loop;
  }

  /** By task, for the leader. */
  get reports(): Readonly<Record<string, CopyReport>> {
    return Object.fromEntries([...this.places].map(([id, place]) => [id, place.report]));
  }

  get statuses(): readonly CopyStatus[] {
    return [...this.places.values()].map(({ status }) => status);
  }

  private add(id: string): StandbyPlace {
    const { runtime, log, create, logger } = this.options;
    this.reader ??= log.openReader({ isolation: 'read-committed' });
    const place = new StandbyPlace(id, { runtime, reader: this.reader, create: () => create(id) });
    this.places.set(id, place);
    logger.info(`Keeping a copy of task ${id}.`, { task: id });
    return place;
  }

  private remove(id: string): void {
    const place = this.places.get(id);
    if (place === undefined) return;
    this.places.delete(id);
    place.isLeaving = true;
    this.leaving.push(place);
    this.signal.notify();
  }

  /** Resolves once every copy that leaves is closed. */
  private settled(): Promise<void> {
    if (this.leaving.length === 0 || this.loop === null) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private async run(): Promise<void> {
    for (;;) {
      await this.closeLeaving();
      if (this.places.size === 0 && this.leaving.length === 0) break;
      const read = await this.pass();
      this.tellWarm();
      if (this.leaving.length > 0) continue;
      if (read === 0) await this.signal.wait(followMs);
      else await this.options.runtime.scheduler.yieldNow();
    }
    const { reader } = this;
    this.reader = null;
    this.loop = null;
    await reader?.close();
  }

  private async closeLeaving(): Promise<void> {
    while (this.leaving.length > 0) {
      const places = this.leaving;
      this.leaving = [];
      try {
        await runAll(places.map((place) => () => place.close(true)));
      } catch (error) {
        this.warn('A copy did not close clean', error);
      }
    }
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** One step of each copy; answers how many offsets were read. */
  private async pass(): Promise<number> {
    const open: { readonly place: StandbyPlace; readonly copy: StandbyCopy }[] = [];
    for (const place of this.places.values()) {
      await this.guarded(place, async () => {
        const copy = await place.opened();
        if (copy !== null) open.push({ place, copy });
      });
    }
    const partitions = open.map(({ copy }) => copy.partitions);
    let at = 0;
    let read = 0;
    try {
      const ends = open.length === 0 ? [] : await this.options.log.admin.ends(partitions.flat());
      for (const [index, { place, copy }] of open.entries()) {
        const count = partitions[index]?.length ?? 0;
        const own = ends.slice(at, at + count);
        at += count;
        if (place.isLeaving) continue;
        await this.guarded(place, async () => {
          read += await copy.step(own);
          place.hasStepped();
        });
      }
      this.isCutOff = false;
    } catch (error) {
      if (!this.isCutOff) this.warn('Copies of states cannot be brought up to date', error);
      this.isCutOff = true;
    }
    return read;
  }

  /** A copy that fails is closed and opened again later: no task depends on it. */
  private async guarded(place: StandbyPlace, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.warn(`The copy of task ${place.id} failed and is opened again later`, error);
      await place.failed().catch(() => undefined);
    }
  }

  private tellWarm(): void {
    const warm = [...this.places.values()].filter(
      ({ isWarmUp, isReady, hasToldReady }) => isWarmUp && isReady && !hasToldReady,
    );
    for (const place of warm) place.hasToldReady = true;
    if (warm.length > 0) this.options.onWarm();
  }

  private warn(what: string, error: unknown): void {
    const { message, code } =
      error instanceof MillraceError ? error : { message: String(error), code: 'UNKNOWN' };
    this.options.logger.warn(`${what}: ${message}`, { code });
  }
}
