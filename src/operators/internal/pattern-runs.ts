import { SerdeError } from '../../core/model/errors.ts';
import { formatText } from '../../core/model/format-text.ts';
import { readFrames, writeFrames } from '../../core/serde/frames.ts';
import { trusted } from '../../core/serde/key-identity.ts';
import {
  eventBytes,
  type MatchedEvent,
  namesText,
  readEvent,
} from '../../core/serde/pattern-match.ts';
import type { Serde } from '../../core/serde/serde.ts';

/** A partial match: what it has of the steps, at least the first. */
export interface PatternRun<V> {
  /** Names its timer; no two runs of a key have one. */
  readonly slot: number;
  readonly events: readonly MatchedEvent<V>[];
}

/** The runs of one key, oldest first. */
export type PatternRuns<V> = readonly PatternRun<V>[];

/** Time of the event that began the run. */
export function firstMs<V>({ events: [first] }: PatternRun<V>): number {
  return (first as MatchedEvent<V>).timestamp; // a run begins with an event
}

/** A slot that no run has, as small as can be, so that keys with few runs set few timers. */
export function freeSlot<V>(runs: PatternRuns<V>): number {
  const isTaken = new Uint8Array(runs.length + 1);
  for (const { slot } of runs) if (slot < isTaken.length) isTaken[slot] = 1;
  return isTaken.indexOf(0);
}

/**
 * For each run its slot and number of events, 4 bytes each, and its events. The names of the steps
 * stand in the format: runs mean nothing under others.
 */
export function patternRunsSerde<V>(
  names: readonly string[],
  value: Serde<V>,
): Serde<PatternRuns<V>> {
  const inner = trusted(value);
  return Object.freeze<Serde<PatternRuns<V>>>({
    format: `runs(${namesText(names)};${formatText(value)})`,
    version: 1,
    serialize: (runs) =>
      writeFrames(
        runs.flatMap(({ slot, events }) => [
          headOf(slot, events.length),
          ...events.map((event) => eventBytes(inner, event)),
        ]),
      ),
    deserialize(bytes) {
      const parts = readFrames(bytes);
      const runs: PatternRun<V>[] = [];
      for (let at = 0; at < parts.length;) {
        const { slot, length } = readHead(parts[at]);
        const events = parts.slice(at + 1, at + 1 + length);
        runs.push({ slot, events: events.map((part) => readEvent(inner, part)) });
        at += 1 + length;
      }
      return runs;
    },
  });
}

const headBytes = 8;

function headOf(slot: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(headBytes);
  head.writeUInt32BE(slot, 0);
  head.writeUInt32BE(length, 4);
  return head;
}

function readHead(head: Buffer | undefined) {
  if (head?.length !== headBytes) {
    throw new SerdeError('DESERIALIZATION', 'the bytes are no runs of a pattern');
  }
  return { slot: head.readUInt32BE(0), length: head.readUInt32BE(4) };
}
