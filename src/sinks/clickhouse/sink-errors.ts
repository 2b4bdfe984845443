import { SinkError, type SinkOutcome } from '../../core/model/errors.ts';
import type { ErrorCode } from '../../core/model/error-codes.ts';
import { messageOf } from '../../core/model/message-of.ts';

interface Meaning {
  readonly outcome: SinkOutcome;
  readonly code: ErrorCode;
  readonly says: string;
}

const unavailable: Meaning = {
  outcome: 'unknown',
  code: 'SINK_UNAVAILABLE',
  says: 'did not say that it has done what was asked',
};
const rowRefused: Meaning = {
  outcome: 'refused',
  code: 'SINK_ROW_REFUSED',
  says: 'refuses a row for its content',
};
const denied: Meaning = {
  outcome: 'fatal',
  code: 'SINK_DENIED',
  says: 'refuses the credentials or a right',
};
const otherSchema: Meaning = {
  outcome: 'fatal',
  code: 'SINK_SCHEMA',
  says: 'has no such table or columns, or cannot have them',
};
const badSetting: Meaning = {
  outcome: 'fatal',
  code: 'BAD_OPTION',
  says: 'does not know a setting',
};

/**
 * Numbers of `src/Common/ErrorCodes.cpp` of ClickHouse. What is not listed may or may not have been
 * done, and is tried again: 159, 202, 210, 241, 242, 252, 999 and all that are still to come.
 */
const meanings: ReadonlyMap<string, Meaning> = new Map(
  (
    [
      // Text that is no value of the column's type.
      [
        rowRefused,
        [6, 25, 26, 27, 38, 41, 69, 70, 72, 117, 130, 131, 376, 441, 467, 632, 675, 676, 691],
      ],
      // Values that the type, a constraint or a default refuses.
      [rowRefused, [53, 128, 153, 190, 321, 349, 395, 407, 469]],
      // Users, passwords, rights, settings that a profile has fixed.
      [denied, [164, 192, 193, 194, 195, 291, 452, 497, 516]],
      // Columns, identifiers, tables, databases that are unknown.
      [otherSchema, [10, 16, 36, 47, 60, 62, 80, 81]],
      // Functions, types, keys, engines that cannot be: of `createTable`, or of a view.
      [otherSchema, [42, 43, 44, 46, 50, 56, 344, 455, 549]],
      [badSetting, [115]],
    ] as const
  ).flatMap(([meaning, codes]) => codes.map((code) => [String(code), meaning] as const)),
);

/** It shares its number with tables that have too many parts, which passes. */
const tooManyPartitions = /^Too many partitions for single INSERT block/;

/**
 * An insert into a table and its views is not atomic: what a view refuses stands in the table
 * already. In smaller batches, under other tokens, it would stand there a second time.
 */
const name = '(?:`(?:[^`\\\\]|\\\\.)*`|\\w+)';
const inView = new RegExp(
  `: while pushing to view (${name}\\.${name})(?: \\([\\da-f-]+\\))?\\.?\\s*$`,
);

export interface ErrorSite {
  readonly sink: string;
  /** Never in a message, whatever a server says. */
  readonly password: string;
}

/** What an error of the client means for what was asked for. */
export function sinkErrorOf(error: unknown, { sink, password }: ErrorSite): SinkError {
  if (error instanceof SinkError) return error;
  const { code, type, text } = described(error);
  const meaning = meaningOf(code, text);
  const number = code === '' ? '' : ` (code ${code}${type === '' ? '' : `, ${type}`})`;
  const hide = (shown: string) => (password === '' ? shown : shown.replaceAll(password, '***'));
  const message = `ClickHouse ${meaning.says}, sink '${sink}': ${hide(shown(text))}${number}.`;
  // What quotes the password is not handed on, in whatever field it may stand.
  const isSafe = password === '' || !messageOf(error).includes(password);
  return new SinkError(meaning.outcome, meaning.code, message, isSafe ? { cause: error } : {});
}

function meaningOf(code: string, text: string): Meaning {
  const meaning = tooManyPartitions.test(text) ? rowRefused : (meanings.get(code) ?? unavailable);
  const view = meaning === rowRefused ? inView.exec(text)?.[1] : undefined;
  if (view === undefined) return meaning;
  const says = `has the rows, but the view ${view} behind the table fails on them; mend or drop it`;
  return { outcome: 'fatal', code: 'SINK_SCHEMA', says };
}

interface Described {
  /** The number of the server's error; empty: something else went wrong. */
  readonly code: string;
  readonly type: string;
  readonly text: string;
}

/** The client's `ClickHouseError` has the number and the name of the error as fields. */
function described(error: unknown): Described {
  const text = messageOf(error);
  const fields = error as { readonly code?: unknown; readonly type?: unknown }; // read with care
  const isServerError =
    error instanceof Error && typeof fields.code === 'string' && /^\d+$/.test(fields.code);
  if (!isServerError) return { code: '', type: '', text };
  return { code: String(fields.code), type: String(fields.type ?? ''), text };
}

const maxShown = 240;

/** Where texts begin to show a row, or where they stand in the way of the rest. */
const quote =
  / before: |: \(at row |: \(while reading the value|: While executing| Column values: |(?<=Cannot parse IPv[46]) |(?<=Unexpected data) '/;

/** The start of a server's text, on one line and without what it quotes of a row. */
function shown(text: string): string {
  const [said = ''] = text.split(quote);
  const line = said.replace(/[\u0000-\u001f\u007f\s]+/g, ' ').trim();
  return line.length > maxShown ? `${line.slice(0, maxShown)}...` : line;
}
