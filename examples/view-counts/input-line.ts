import { parseCombinedLine } from './access-log.ts';

/** One line of the input, as the demo understands it. */
export type InputLine =
  | { readonly kind: 'view'; readonly page: string; readonly timestamp: number }
  /** A request that is no view: another method, an error, a redirect. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable' };

const other: InputLine = { kind: 'other' };
const unreadable: InputLine = { kind: 'unreadable' };

/** Reads a line as JSON if it begins with `{`, else as an access log's "combined" format. */
export function parseInputLine(line: string): InputLine {
  return line.trimStart().startsWith('{') ? parseJsonLine(line) : parseLogLine(line);
}

function parseLogLine(line: string): InputLine {
  const request = parseCombinedLine(line);
  if (request === null) return unreadable;
  if (!isView(request.method, request.status)) return other;
  return { kind: 'view', page: pathOf(request.target), timestamp: request.timestamp };
}

/**
 * A JSON line has the page under `page`, `path`, `url`, `uri` or `request_uri`, its time under
 * `timestamp`, `time`, `time_iso8601` or `msec`, and may have `method` and `status`.
 */
function parseJsonLine(line: string): InputLine {
  const fields = parseObject(line);
  if (fields === null) return unreadable;
  const page = firstOf(fields, ['page', 'path', 'url', 'uri', 'request_uri']);
  const timestamp = timestampOf(fields);
  if (typeof page !== 'string' || page === '' || timestamp === null) return unreadable;
  const method = firstOf(fields, ['method', 'request_method']) ?? 'GET';
  if (!isView(String(method), Number(fields['status'] ?? 200))) return other;
  return { kind: 'view', page: pathOf(page), timestamp };
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Milliseconds, seconds as NGINX's `msec` writes them, or text that `Date` reads. */
function timestampOf(fields: Record<string, unknown>): number | null {
  const given = firstOf(fields, ['timestamp', 'time', 'time_iso8601']);
  const seconds = fields['msec'];
  const ms =
    typeof given === 'number'
      ? given
      : typeof given === 'string'
        ? Date.parse(given)
        : Math.round(Number(seconds ?? NaN) * 1000);
  return Number.isSafeInteger(ms) && ms >= 0 ? ms : null;
}

function firstOf(fields: Record<string, unknown>, names: readonly string[]): unknown {
  return names.map((name) => fields[name]).find((value) => value !== undefined && value !== null);
}

function isView(method: string, status: number): boolean {
  return method === 'GET' && ((status >= 200 && status <= 299) || status === 304);
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? target;
}
