import { type EventFormat, eventFormat } from './event-format.ts';

/** `event_id`, `event_type`, `user_id`, ..., as warehouses name columns. */
export const snakeCase: EventFormat = eventFormat('snake_case', {
  id: ['event_id', 'id'],
  type: ['event_type', 'event', 'type'],
  userId: ['user_id'],
  anonymousId: ['anonymous_id'],
  sessionId: ['session_id'],
  timestampMs: ['timestamp'],
  context: ['context'],
  properties: ['properties'],
  within: {
    ip: ['ip'],
    userAgent: ['user_agent'],
    locale: ['locale'],
    page: ['page', 'url'],
    referrer: ['referrer'],
  },
});

/**
 * `messageId`, `event`, `userId`, ..., as Segment's spec has them. Its `type` is the kind of call
 * (`track`, `page`): what was tracked stands in `event`, and goes before it.
 * https://segment.com/docs/connections/spec/common/
 */
export const camelCase: EventFormat = eventFormat('camelCase', {
  id: ['messageId', 'eventId', 'id'],
  type: ['eventType', 'event', 'type'],
  userId: ['userId'],
  anonymousId: ['anonymousId'],
  sessionId: ['sessionId'],
  timestampMs: ['timestamp'],
  context: ['context'],
  properties: ['properties'],
  within: {
    ip: ['ip'],
    userAgent: ['userAgent'],
    locale: ['locale'],
    page: ['page', 'url'],
    referrer: ['referrer'],
  },
});
