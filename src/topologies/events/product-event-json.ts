import { json } from '../../core/serde/json.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StandardIssue, StandardSchema } from '../../core/serde/standard-schema.ts';
import type { ProductEvent } from './product-event.ts';

const verdict = { message: "no ProductEvent: other forms go through 'millrace/topologies/intake'" };

/** Events in JSON as an intake writes them; what has another form is refused where it is read. */
export function productEventJson(): Serde<ProductEvent> {
  return json(shape);
}

/** What is not known may be left out as well; `properties` are the business of rules. */
const shape: StandardSchema<unknown, ProductEvent> = {
  '~standard': {
    version: 1,
    vendor: 'millrace',
    validate(value) {
      const issues = [...issuesOf(value)];
      if (issues.length > 0) return { issues: [verdict, ...issues] };
      return { value: value as ProductEvent }; // just judged
    },
  },
};

function* issuesOf(value: unknown): Generator<StandardIssue, void, void> {
  if (!isObject(value)) return yield { message: 'is no object' };
  for (const name of ['id', 'type']) {
    if (typeof value[name] !== 'string') yield { path: [name], message: 'is no text' };
  }
  if (!Number.isSafeInteger(value['timestampMs'])) {
    yield { path: ['timestampMs'], message: 'is no whole number' };
  }
  for (const name of ['userId', 'anonymousId', 'sessionId']) {
    if (!isTextOrAbsent(value[name])) yield { path: [name], message: 'is neither text nor null' };
  }
  const { context } = value;
  if (!isObject(context)) return yield { path: ['context'], message: 'is no object' };
  for (const name of ['ip', 'userAgent', 'locale', 'page', 'referrer']) {
    if (isTextOrAbsent(context[name])) continue;
    yield { path: ['context', name], message: 'is neither text nor null' };
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}
