import { durationMs } from '../../core/model/duration.ts';
import type { Change, StreamRecord } from '../../core/model/record.ts';
import type { SessionWindows } from '../../core/model/session-windows.ts';
import type { Windowed } from '../../core/model/windows.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { sessionWindowed } from '../../core/serde/session-windowed.ts';
import type { OperatorNode } from '../../core/topology/plan.ts';
import { sessionStore } from '../../state/store-definitions.ts';
import type { WindowedAggregationOptions } from './aggregation-options.ts';
import type { Handle } from './handle.ts';
import { operatorNode } from './node.ts';
import {
  metSessions,
  noSessions,
  type OpenSessionsDefinition,
  openSessionsDefinition,
} from './open-sessions.ts';
import { byItsKey } from './repartition-node.ts';
import { resolveSerde } from './resolve-serde.ts';
import { sessionProcessor } from './session-processor.ts';
import { sessionTimers } from './session-timers.ts';
import { stateLateStream } from './state-late-stream.ts';
import type { Merger, StepFactory } from './steps.ts';
import { checkReach } from './time-bounds.ts';
import { windowEmission } from './window-emission.ts';

export interface SessionAggregationSpec<K, V, A> extends WindowedAggregationOptions<K, V> {
  readonly kind: string;
  readonly windows: SessionWindows;
  /** Left out: the input's. */
  readonly value?: Serde<A>;
  readonly step: StepFactory<K, V, A>;
  /** Whether a record counts as one without a value. */
  readonly isNull?: (record: StreamRecord<K, V>) => boolean;
  /** Given the node's name for its errors. */
  readonly merge: (node: string) => Merger<K, A>;
}

/**
 * One row per key and session. A record extends the sessions it meets and merges them: at most two,
 * one on each side. Which are open stands in one list per key, found without ranging; the rows lie
 * by themselves, so that a key with many sessions writes only those that change.
 */
export function sessionAggregationNode<K, V, A>(
  grouped: Handle,
  spec: SessionAggregationSpec<K, V, A>,
): Handle {
  const { kind, name, windows, emit = { kind: 'on-update' }, onError } = spec;
  const { gapMs, graceMs } = windows;
  grouped.draft.renamed(spec);
  const from = byItsKey(grouped, { name: `${name}-input` });
  const key = resolveSerde('key', undefined, from, name) as Serde<K>; // the input's own keys
  const value = resolveSerde('value', spec.value, from, name) as Serde<A>; // or the input's
  const sessions = openSessionsDefinition(name, key);
  const rows = {
    name,
    key,
    value,
    rows: sessionStore({ name, key, value, detail: { kind: windows.kind, gapMs } }),
    windows: { graceMs: gapMs + graceMs },
    retentionMs: durationMs(spec.retention ?? 0, 'retention'),
    deletedAtMs: ({ endMs }: Windowed<K>) => endMs - 1, // its last record's time
    timers: sessionTimers<K, A>(sessions),
  };
  checkReach('gap, grace and retention together', gapMs, graceMs, rows.retentionMs);
  const emission = windowEmission(emit, rows);
  const late = spec.late === undefined ? null : lateSessions<K, V, A>(from, spec, sessions);
  const node: OperatorNode = operatorNode<K, V, Windowed<K>, Change<A>>({
    kind,
    name,
    parents: [from.node],
    stores: [rows.rows, sessions, ...emission.stores],
    hasTimers: true,
    table: emission.table(() => node),
    detail: { windows, emit, retentionMs: rows.retentionMs },
    onError,
    createProcessor(context) {
      const step = spec.step(name, context);
      const merge = spec.merge(name);
      const { isNull } = spec;
      const parts = { ...rows, gapMs, sessions, emission, step, merge, isNull };
      return sessionProcessor(context, parts);
    },
  });
  from.draft.add(node);
  if (late !== null) spec.late?.(from.draft.handles.stream(late));
  return {
    draft: from.draft,
    node,
    key: sessionWindowed(key),
    value,
    isKeyChanged: false,
    windows: { key, closeAfterMs: gapMs + graceMs, retentionMs: rows.retentionMs },
  };
}

function lateSessions<K, V, A>(
  from: Handle,
  { name, windows: { gapMs, graceMs }, isNull }: SessionAggregationSpec<K, V, A>,
  sessions: OpenSessionsDefinition<K>,
): Handle {
  return stateLateStream<K, V>(from, {
    aggregation: name,
    isNull,
    closeDelayMs: gapMs + graceMs,
    stores: [sessions],
    createIsLate(context) {
      const lists = context.store(sessions);
      return ({ key, timestamp }, closedMs) => {
        if (timestamp >= closedMs) return false;
        const open = lists.get(key)?.value ?? noSessions;
        const { from, to } = metSessions(open, timestamp, { gapMs, closedMs });
        return from === to;
      };
    },
  });
}
