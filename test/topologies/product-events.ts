import type { ProductEvent } from '../../src/topologies/sessions.ts';

/** What a test says of an event; the rest is nobody's business. */
export interface EventParts extends Partial<Omit<ProductEvent, 'context'>> {
  readonly page?: string | null;
  readonly referrer?: string | null;
}

/** A page view, unless it says otherwise. */
export function eventOf({ page = null, referrer = null, ...parts }: EventParts): ProductEvent {
  return {
    id: 'id',
    type: 'page_view',
    userId: null,
    anonymousId: null,
    sessionId: null,
    timestampMs: 0,
    context: { ip: null, userAgent: null, locale: null, page, referrer },
    properties: {},
    ...parts,
  };
}
