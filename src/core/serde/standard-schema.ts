import { SerdeError } from '../model/errors.ts';

/** What zod, valibot, arktype and others have in common: https://standardschema.dev, version 1. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The type of what a schema lets through. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<
  Schema['~standard']['types']
>['output'];

const maxIssues = 3;
const maxIssueLength = 200;

/**
 * What the schema makes of the value.
 *
 * @throws {SerdeError} `SCHEMA_VIOLATION` with the schema's words and where in the value.
 * @throws {SerdeError} `ASYNC_SCHEMA` if the schema answers with a promise.
 */
export function validate<Output>(schema: StandardSchema<unknown, Output>, value: unknown): Output {
  const result = schema['~standard'].validate(value);
  if ('then' in result) return refusePromise(result);
  if (result.issues === undefined) return result.value;
  const told = result.issues.slice(0, maxIssues).map(issueText).join('; ');
  const more = result.issues.length - maxIssues;
  throw new SerdeError('SCHEMA_VIOLATION', more > 0 ? `${told}; and ${more} more` : told);
}

function refusePromise(result: Promise<unknown>): never {
  // Nobody waits for the answer: a rejection must not end the process.
  result.catch(() => undefined);
  // Zod goes its asynchronous way when a check throws: this can be the data, not the schema.
  throw new SerdeError(
    'ASYNC_SCHEMA',
    'the schema answered with a promise: a check is asynchronous or, with zod, throws',
  );
}

function issueText(issue: StandardIssue): string {
  const { message } = issue;
  const text = message.length > maxIssueLength ? `${message.slice(0, maxIssueLength)}…` : message;
  const path = issuePath(issue);
  return path === '' ? text : `${text} at '${path}'`;
}

/** Where in the value the issue is, as `items[0].price`; empty: as a whole. */
export function issuePath({ path = [] }: StandardIssue): string {
  return path
    .map((part) => (typeof part === 'object' ? part.key : part))
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      return index === 0 ? String(key) : `.${String(key)}`;
    })
    .join('')
    .slice(0, maxIssueLength);
}
