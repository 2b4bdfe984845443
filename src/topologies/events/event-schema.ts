import type { StandardIssue, StandardSchema } from '../../core/serde/standard-schema.ts';
import { isObject } from './event-bounds.ts';
import type { EventContext, ProductEvent } from './product-event.ts';

const verdict = { message: "no ProductEvent: other forms go through 'millrace/topologies/intake'" };
const required = ['id', 'type'] as const;
const optional = ['userId', 'anonymousId', 'sessionId'] as const;
const around: readonly (keyof EventContext)[] = ['ip', 'userAgent', 'locale', 'page', 'referrer'];

/**
 * What a value has to have to be taken for a `ProductEvent`, as far as topologies rely on it. Its
 * time is for the source to judge; text that is not known may be left out.
 */
export const eventSchema: StandardSchema<unknown, ProductEvent> = {
  '~standard': {
    version: 1,
    vendor: 'millrace',
    validate(value) {
      const issues = issuesOf(value);
      if (issues.length > 0) return { issues: [verdict, ...issues] };
      return { value: filled(value as ProductEvent) }; // has no issues
    },
  },
};

function issuesOf(value: unknown): readonly StandardIssue[] {
  if (!isObject(value)) return [{ message: 'it is no event' }];
  const { context } = value;
  return [
    ...required.flatMap((name) => (typeof value[name] === 'string' ? [] : [noText(name)])),
    ...optional.flatMap((name) => (isTextOrNone(value[name]) ? [] : [noText(name)])),
    ...(isObject(context)
      ? around.flatMap((name) => (isTextOrNone(context[name]) ? [] : [noText('context', name)]))
      : [{ message: 'it is to be an object', path: ['context'] }]),
  ];
}

/** What was left out is null, and so is an empty id: else all of those were one visitor. */
function filled(event: ProductEvent): ProductEvent {
  const { userId, anonymousId, sessionId, context } = event;
  const isWhole =
    optional.every((name) => event[name] !== undefined && event[name] !== '') &&
    around.every((name) => context[name] !== undefined);
  if (isWhole) return event;
  return {
    ...event,
    userId: userId || null,
    anonymousId: anonymousId || null,
    sessionId: sessionId || null,
    context: { ...nowhere, ...context },
  };
}

const nowhere = { ip: null, userAgent: null, locale: null, page: null, referrer: null };

function isTextOrNone(value: unknown): boolean {
  return typeof value === 'string' || value === null || value === undefined;
}

function noText(...path: readonly string[]): StandardIssue {
  return { message: 'it is to be text', path };
}
