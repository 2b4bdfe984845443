import { messageOf } from '../../core/model/message-of.ts';
import { issuePath, type StandardSchema } from '../../core/serde/standard-schema.ts';
import { isObject } from './event-bounds.ts';
import type { EventReading } from './event-format.ts';
import { type ProductEvent, visitorOf } from './product-event.ts';
import { Reasons } from './quarantined-event.ts';

/**
 * What the events of a type have to obey: a schema of their properties, which may change them
 * (defaults, conversions), or one of the whole event, which only judges.
 */
export type EventRule = StandardSchema | { readonly event: StandardSchema };

export interface EventRules {
  /** By type. Schemas answer at once: a promise counts as a refusal. */
  readonly rules?: Readonly<Record<string, EventRule>>;
  /** What becomes of events of a type that has no rule. Default `'accept'`. */
  readonly unknownTypes?: 'accept' | 'quarantine';
  /** What becomes of events without a user and an anonymous id. Default `'accept'`. */
  readonly unknownVisitors?: 'accept' | 'quarantine';
}

/** Judges an event that the model knows how to read. */
export function eventJudge(options: EventRules): (event: ProductEvent) => EventReading {
  const { unknownTypes = 'accept', unknownVisitors = 'accept' } = options;
  const rules = new Map(Object.entries(options.rules ?? {}));
  return (event) => {
    const reasons = new Reasons();
    const rule = rules.get(event.type);
    if (unknownVisitors === 'quarantine' && visitorOf(event) === null) {
      reasons.add('visitor', '', 'it has neither a user nor an anonymous id');
    }
    if (rule === undefined && unknownTypes === 'quarantine') {
      reasons.add('unknown-type', 'type', `there are no rules for events of type ${event.type}`);
    }
    const judged = rule === undefined ? event : obeying(rule, event, reasons);
    return reasons.isEmpty
      ? { event: judged, reasons: null }
      : { event: null, reasons: reasons.all };
  };
}

function obeying(rule: EventRule, event: ProductEvent, reasons: Reasons): ProductEvent {
  if (!('~standard' in rule)) {
    answerOf({ schema: rule.event, path: '' }, event, reasons);
    return event;
  }
  const properties = answerOf({ schema: rule, path: 'properties' }, event.properties, reasons);
  if (!reasons.isEmpty || properties === event.properties) return event;
  if (isObject(properties)) return { ...event, properties };
  reasons.add('schema', 'properties', 'the schema made something else of it than an object');
  return event;
}

interface SchemaPlace {
  readonly schema: StandardSchema;
  /** Where in the event the schema stands. */
  readonly path: string;
}

/** What the schema makes of the value; its objections go to the reasons, its throw too. */
function answerOf({ schema, path }: SchemaPlace, value: unknown, reasons: Reasons): unknown {
  const refuse = (message: string) => reasons.add('schema', path, message);
  try {
    const result = schema['~standard'].validate(value);
    if ('then' in result) {
      // Nobody waits for the answer: a rejection must not end the process.
      result.catch(() => undefined);
      refuse('the schema answered with a promise: a check is asynchronous or, with zod, throws');
      return undefined;
    }
    if (result.issues === undefined) return result.value;
    for (const issue of result.issues) {
      const within = issuePath(issue);
      const separator = path === '' || within === '' || within.startsWith('[') ? '' : '.';
      reasons.add('schema', `${path}${separator}${within}`, issue.message);
    }
    if (result.issues.length === 0) refuse('the schema refused it without a word');
  } catch (error) {
    refuse(`the schema threw: ${messageOf(error)}`);
  }
  return undefined;
}
