import {
  durationMs,
  int64,
  json,
  type Log,
  type Serde,
  sessionWindowed,
  string,
} from '../../src/index.ts';
import type { ActiveUserCount } from '../../src/topologies/active-users.ts';
import type { QuarantinedEvent } from '../../src/topologies/intake.ts';
import { tailOf, type TopicTail } from '../program/topic-tail.ts';
import { sessionGap, topics } from './topology.ts';

/** What the output topics say, from their very start. */
export interface PlatformNumbers {
  readonly accepted: number;
  readonly quarantined: number;
  /** Quarantined events by the first rule that they break. */
  readonly reasons: ReadonlyMap<string, number>;
  /** Sessions whose last event lies no more than a gap back. */
  readonly activeSessions: number;
  readonly endedSessions: number;
  /** Sessions that may still grow. */
  readonly openSessions: number;
  /** By the start of the day, epoch milliseconds. */
  readonly usersByDay: ReadonlyMap<number, number>;
  readonly viewsByPage: ReadonlyMap<string, number>;
  readonly viewsByCountry: ReadonlyMap<string, number>;
  /** Of the latest event of a session; -1 before it. */
  readonly eventTimeMs: number;
}

export interface NumbersReader {
  /** With `waits` also what is committed only now. */
  read(waits?: boolean): Promise<PlatformNumbers>;
  close(): Promise<void>;
}

const gapMs = durationMs(sessionGap);

export function platformNumbers(log: Log, partitions: number): NumbersReader {
  const tails = new Map<string, TopicTail>();
  /** Each new record of a topic, undecoded. */
  const drain = (
    topic: string,
    waits: boolean,
    visit: (key: Buffer | null, value: Buffer | null) => void,
  ): Promise<void> => {
    const tail = tails.get(topic) ?? tailOf(log, topic, partitions);
    tails.set(topic, tail);
    return tail.drain((batch, index) => visit(batch.key(index), batch.value(index)), waits);
  };
  const reasons = new Map<string, number>();
  const usersByDay = new Map<number, number>();
  const viewsByPage = new Map<string, number>();
  const viewsByCountry = new Map<string, number>();
  const sessions = new OpenSessions();
  let [accepted, quarantined, endedSessions] = [0, 0, 0];

  async function drainSessions(waits: boolean): Promise<void> {
    const ended: Buffer[] = [];
    // Those that have ended first: what they were while open was written before, so it is read now.
    await drain(topics.sessions, waits, (key) => {
      if (key !== null) ended.push(key);
    });
    await drain(topics.liveSessions, waits, (key, value) => {
      if (key !== null) sessions.set(key, value !== null);
    });
    for (const key of ended) sessions.set(key, false);
    endedSessions += ended.length;
  }

  return {
    async read(waits = false) {
      await drain(topics.accepted, waits, () => {
        accepted += 1;
      });
      await drain(topics.quarantine, waits, (_key, value) => {
        if (value === null) return;
        const rule = events.deserialize(value).reasons[0]?.rule ?? 'none';
        reasons.set(rule, (reasons.get(rule) ?? 0) + 1);
        quarantined += 1;
      });
      await drain(topics.liveUsers, waits, (_key, value) => {
        const row = value === null ? null : userCounts.deserialize(value);
        if (row?.period === 'day') usersByDay.set(row.startMs, row.users);
      });
      const readCounts = (topic: string, counts: Map<string, number>) =>
        drain(topic, waits, (key, value) => {
          if (key !== null && value !== null) counts.set(text(key), int64().deserialize(value));
        });
      await readCounts(topics.viewsPerPage, viewsByPage);
      await readCounts(topics.viewsPerCountry, viewsByCountry);
      await drainSessions(waits);
      return {
        ...{ accepted, quarantined, reasons, endedSessions, usersByDay },
        ...{ viewsByPage, viewsByCountry },
        activeSessions: sessions.activeCount(),
        openSessions: sessions.size,
        eventTimeMs: sessions.latestMs,
      };
    },
    async close() {
      for (const tail of tails.values()) await tail.close();
    },
  };
}

const events: Serde<QuarantinedEvent> = json();
const userCounts: Serde<ActiveUserCount> = json();
const sessionKeys = sessionWindowed(string());

function text(key: Buffer): string {
  return string().deserialize(key);
}

/** The times of the last events of sessions, by the bytes of their keys. */
class OpenSessions {
  private readonly ends = new Map<string, number>();
  latestMs = -1;

  get size(): number {
    return this.ends.size;
  }

  set(key: Buffer, isOpen: boolean): void {
    const identity = key.toString('latin1');
    if (!isOpen) {
      this.ends.delete(identity);
      return;
    }
    const lastMs = sessionKeys.deserialize(key).endMs - 1;
    this.ends.set(identity, lastMs);
    this.latestMs = Math.max(this.latestMs, lastMs);
  }

  activeCount(): number {
    let count = 0;
    for (const lastMs of this.ends.values()) if (lastMs >= this.latestMs - gapMs) count += 1;
    return count;
  }
}
