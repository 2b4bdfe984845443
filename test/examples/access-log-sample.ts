/** A window as the demo writes it and as it is recomputed here. */
export interface CountedWindow {
  readonly key: string;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly count: number;
}

const startMs = Date.UTC(2015, 4, 17, 10, 5, 0);
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const paths = ['/', '/about', '/blog?page=2', '/blog', '/feed.xml?a=b?c', '/caf\u00e9', '/%7Euser'];
const statuses = [200, 200, 200, 206, 304, 404, 301, 500];

/** Lines as a web server writes them: up to 59 seconds out of order, some of them no views. */
export function sampleLines(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    if (index % 97 === 5) return 'this line is in no known format';
    const behindMs = ((index * 37) % 60) * 1000;
    const time = Math.max(startMs, startMs + index * 500 - behindMs);
    const method = index % 11 === 3 ? 'POST' : 'GET';
    const path = paths[(index * index + index) % paths.length] ?? '/';
    const status = statuses[(index * 13) % statuses.length] ?? 200;
    const agent = index % 2 === 0 ? 'Mozilla/5.0' : String.raw`Bot \"quoted\" [x]`;
    return `10.0.0.0 - - [${logTime(time)}] "${method} ${path} HTTP/1.1" ${status} 12 "-" "${agent}"`;
  });
}

function logTime(timestamp: number): string {
  const [date = '', time = ''] = new Date(timestamp).toISOString().split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}/${months[Number(month) - 1] ?? ''}/${year}:${time.slice(0, 8)} +0000`;
}

/**
 * Views by page and minute, straight from the lines. It forgets no line as late: the lines are less
 * than the grace of one minute out of order, so none is.
 */
export function naiveWindows(lines: readonly string[]): readonly CountedWindow[] {
  const counts = new Map<string, CountedWindow>();
  for (const line of lines) {
    const view = naiveView(line);
    if (view === null) continue;
    const windowStart = view.timestamp - (view.timestamp % 60_000);
    const identity = `${windowStart} ${view.path}`;
    const count = (counts.get(identity)?.count ?? 0) + 1;
    const windowEnd = windowStart + 60_000;
    counts.set(identity, { key: view.path, windowStart, windowEnd, count });
  }
  return [...counts.values()];
}

/** Cuts the line at its quotes and brackets: the formats seen here need no more. */
function naiveView(line: string): { readonly path: string; readonly timestamp: number } | null {
  const [, request, answer, , , agent, end] = line.replaceAll(String.raw`\"`, "'").split('"');
  if (request === undefined || answer === undefined || agent === undefined || end !== '')
    return null;
  const [method, target = ''] = request.split(' ');
  const status = answer.trim().split(' ')[0] ?? '';
  if (method !== 'GET' || !(status.startsWith('2') || status === '304')) return null;
  const [day = '', month = '', rest = ''] = (/\[(.*?)\]/.exec(line)?.[1] ?? '').split('/');
  const [year = '', hour = '', minute = '', second = ''] = rest.split(/[: ]/);
  const isoMonth = String(months.indexOf(month) + 1).padStart(2, '0');
  const timestamp = Date.parse(`${year}-${isoMonth}-${day}T${hour}:${minute}:${second}Z`);
  return { path: target.split('?')[0] ?? '', timestamp };
}

/** Greatest time of a view in the lines. */
export function lastTime(lines: readonly string[]): number {
  return lines.reduce((last, line) => Math.max(last, naiveView(line)?.timestamp ?? 0), 0);
}
