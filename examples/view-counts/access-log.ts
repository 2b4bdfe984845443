/** What the demo needs of one request in an access log. */
export interface LoggedRequest {
  readonly method: string;
  /** As requested, query string included. */
  readonly target: string;
  readonly status: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

/** Quoted text; Apache and NGINX write a quote inside as `\"` or `\x22`. */
const quoted = String.raw`"((?:[^"\\]|\\.)*)"`;
const combined = new RegExp(
  String.raw`^\S+ \S+ .*? \[([^\]]+)\] ${quoted} (\d{3}) (?:\d+|-) ${quoted} ${quoted}\s*$`,
);
const time = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Reads a line in Apache's and NGINX's "combined" format; null if it is none. */
export function parseCombinedLine(line: string): LoggedRequest | null {
  const match = combined.exec(line);
  if (match === null) return null;
  const [, timeText = '', request = '', status = ''] = match;
  const timestamp = parseLogTime(timeText);
  const [method, target] = request.split(' ');
  if (timestamp === null || method === undefined || target === undefined) return null;
  return { method, target, status: Number(status), timestamp };
}

/** `17/May/2015:10:05:03 +0000` in epoch milliseconds; null if it is no such time. */
export function parseLogTime(text: string): number | null {
  const match = time.exec(text);
  if (match === null) return null;
  const [, day, monthName = '', year, hour, minute, second, sign, zoneHours, zoneMinutes] = match;
  const month = months.indexOf(monthName);
  if (month < 0) return null;
  const local = Date.UTC(
    Number(year),
    month,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const zoneMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
  return sign === '-' ? local + zoneMs : local - zoneMs;
}
