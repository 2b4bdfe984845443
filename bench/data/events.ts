import { type DataSet, startMs, userCount } from './data-set.ts';
import { digits, hex, lanes } from './random.ts';
import { browsers, countries, devices, eventNames } from './vocabulary.ts';

/** The value of an event, as its JSON is parsed. */
export interface Event {
  readonly event_id: string;
  readonly event_name: string;
  readonly user_id: string;
  readonly session_id: string;
  readonly post_id: string;
  readonly ts: number;
  readonly country: string;
  readonly device: string;
  readonly browser: string;
  readonly url: string;
  readonly referrer: string;
  readonly duration_ms: number;
  readonly scroll: number;
  readonly version: string;
}

interface Pace {
  readonly seed: number;
  readonly stepMs: number;
  readonly jitterMs: number;
}

function eventSet(name: string, { seed, stepMs, jitterMs }: Pace): DataSet {
  const { bits, below } = lanes(seed);
  // A field's place in this literal is part of the format: the JSON must come out byte for byte.
  const eventOf = (i: number): Event => {
    const post = `p${digits(below(i, 2, 100_000), 6)}`;
    return {
      event_id: `e${digits(i, 12)}`,
      event_name: pick(eventNames, below(i, 1, eventNames.length)),
      user_id: `u${digits(below(i, 0, userCount), 5)}`,
      session_id: `s${hex(bits(i, 3))}`,
      post_id: post,
      ts: startMs + i * stepMs - below(i, 11, jitterMs),
      country: pick(countries, below(i, 4, countries.length)),
      device: pick(devices, below(i, 5, devices.length)),
      browser: pick(browsers, below(i, 6, browsers.length)),
      url: `https://example.com/posts/${post}?ref=${hex(bits(i, 7))}`,
      referrer: 'https://www.google.com/',
      duration_ms: below(i, 8, 60_000),
      scroll: below(i, 9, 101),
      version: `4.12.${below(i, 10, 100)}`,
    };
  };
  return {
    name,
    record(index) {
      const event = eventOf(index);
      return { key: event.user_id, value: JSON.stringify(event), timestamp: event.ts };
    },
  };
}

/** Page events of 10,000 users, a millisecond apart, up to 5 s out of order. */
export const events = eventSet('events', { seed: 1, stepMs: 1, jitterMs: 5_000 });

/** The same 50 ms apart and up to a minute out of order: time passes, sessions end. */
export const eventsSlow = eventSet('events-slow', { seed: 2, stepMs: 50, jitterMs: 60_000 });

function pick(words: readonly string[], index: number): string {
  return words[index] as string; // `below` stays under the length of the list
}
