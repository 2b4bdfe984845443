import { type Topology, type Windowed } from '../../src/index.ts';
import { type DriverOptions, TopologyTestDriver } from '../../src/testing.ts';

/**
 * Sends records one by one, written as `key:value@time` with the topic before a slash where it is
 * not `in`; `~` is null, and a value that is left out is `v`.
 */
export function play(topology: Topology, input: string, options: DriverOptions = {}) {
  const driver = new TopologyTestDriver(topology, options);
  const send = (text: string): void => {
    const { topic, ...record } = recordOf(text);
    driver.send(topic, record);
  };
  const results = () => driver.read<unknown, unknown>('out').map(written).join(' ');
  const turns = input.split(' ').map((text) => {
    send(text);
    return results();
  });
  return { driver, send, results, turns, drops: () => driver.drops().map(({ reason }) => reason) };
}

/** A record as text. */
export function recordOf(text: string) {
  const match = /^(?:(\w+)\/)?([^:@]+)(?::([^@]*))?@(-?\d+)$/.exec(text);
  if (match === null) throw new Error(`'${text}' is no record.`);
  const [, topic = 'in', key = '', value = 'v', time] = match;
  const nullable = (part: string) => (part === '~' ? null : part);
  return { topic, key: nullable(key), value: nullable(value), timestamp: Number(time) };
}

interface Result {
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
}

/** `key=value@time`, with the bounds of a window behind its key. */
function written({ key, value, timestamp }: Result): string {
  const place = isWindowed(key) ? `${key.key}[${key.startMs},${key.endMs})` : String(key);
  return `${place}=${String(value)}@${timestamp}`;
}

function isWindowed(key: unknown): key is Windowed<string> {
  return typeof key === 'object' && key !== null && 'startMs' in key;
}
