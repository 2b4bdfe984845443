import { durationMs, type Duration } from '../../core/model/duration.ts';
import type { OperatorContext } from '../../core/topology/processor.ts';
import { operatorNode } from '../../operators/internal/node.ts';
import { KStream } from '../../operators/k-stream.ts';
import type { EventFormat } from './event-format.ts';
import { eventJudge, type EventRules } from './event-rules.ts';
import type { ProductEvent } from './product-event.ts';
import { originalOf, type QuarantinedEvent, type QuarantineReason } from './quarantined-event.ts';

export interface JudgeOptions extends EventRules {
  readonly format: EventFormat;
  readonly grace?: Duration | 'off';
}

/** What was found of an event. */
export type Judged = ProductEvent | QuarantinedEvent;

export function isQuarantined(judged: Judged): judged is QuarantinedEvent {
  return 'reasons' in judged;
}

export function isAccepted(judged: Judged): judged is ProductEvent {
  return !isQuarantined(judged);
}

/**
 * Reads each event and judges it. What is quarantined leaves with the time the log gave it: there
 * may be no other, and a topic keeps its records as long as their times say.
 */
export function judgeEvents<K>(
  events: KStream<K, unknown>,
  name: string,
  options: JudgeOptions,
): KStream<K, Judged> {
  const { format, grace = 'off' } = options;
  const graceMs = grace === 'off' ? Infinity : durationMs(grace);
  const judge = eventJudge(options);
  const { handle } = events;
  const node = operatorNode<K, unknown, K, Judged>({
    kind: 'judge-events',
    name,
    parents: [handle.node],
    detail: { format: format.name, graceMs: grace === 'off' ? 'off' : graceMs },
    createProcessor: (context) => ({
      process(record) {
        const { key, value, timestamp, headers } = record;
        const quarantine = (reasons: readonly QuarantineReason[]) => {
          context.count('quarantined');
          const { at, quarantined } = quarantinedAt(context, reasons, value);
          context.forward({ key, value: quarantined, timestamp: at ?? timestamp, headers });
        };
        const read = format.read(value);
        if (read.event === null) return quarantine(read.reasons);
        if (timestamp + 1 + graceMs <= context.streamTimeMs) {
          const behindMs = context.streamTimeMs - timestamp;
          const message = `it is ${behindMs} ms behind its partition, which waits for ${graceMs}`;
          return quarantine([{ rule: 'late', path: '', message }]);
        }
        const judged = judge(read.event);
        if (judged.event === null) return quarantine(judged.reasons);
        context.forward({ key, value: judged.event, timestamp, headers });
      },
    }),
  });
  return new KStream({ ...handle, node: handle.draft.add(node), value: null });
}

function quarantinedAt(
  context: OperatorContext<never, never>,
  reasons: readonly QuarantineReason[],
  value: unknown,
) {
  const from = context.recordMetadata();
  const quarantined: QuarantinedEvent = { reasons, original: originalOf(value), from };
  return { at: from?.timestampMs, quarantined };
}
