import { firstEventMs, stepMs } from '../../../examples/content-platform/generator.ts';

/** So many visitors and pages that each partition of each repartition topic gets one. */
const count = 64;
const afterMs = 60 * 24 * 3_600_000;

/** Whether a result is one of the events that only move time on. */
export function isOfClosing(name: string): boolean {
  return name.includes('closing');
}

/** Events so long after the others that all that these come to is final; sent twice, in turn. */
export function closingEvents(events: number): readonly Readonly<Record<string, unknown>>[] {
  const closeMs = firstEventMs + events * stepMs + afterMs;
  return [0, 1].flatMap((turn) =>
    Array.from({ length: count }, (_, index) => ({
      event_id: `closing-${turn}-${index}`,
      event_type: 'page_view',
      user_id: `closing-${turn}-${index}`,
      timestamp: closeMs + turn * afterMs,
      context: { page: `/closing-${turn}-${index}`, ip: '10.0.0.1' },
    })),
  );
}
