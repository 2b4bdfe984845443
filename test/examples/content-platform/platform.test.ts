import { beforeAll, describe, expect, it } from 'vitest';
import { countryDatabase } from '../../../examples/content-platform/geo-database.ts';
import { rowAt } from '../../../examples/content-platform/generator.ts';
import {
  contentPlatform,
  sessionGap,
  topics,
} from '../../../examples/content-platform/topology.ts';
import { durationMs, type Windowed } from '../../../src/index.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';
import type { ActiveUserCount } from '../../../src/topologies/active-users.ts';
import { type GeoEvent, openGeo } from '../../../src/topologies/geo.ts';
import type { QuarantinedEvent } from '../../../src/topologies/intake.ts';
import type { SessionSummary } from '../../../src/topologies/sessions.ts';
import { closingEvents, isOfClosing } from './closing-events.ts';
import {
  countsBy,
  generatedEvents,
  sessions,
  sessionText,
  usersByDay,
  views,
} from './recounted-platform.ts';

const count = 13_000;
const seed = 5;
const partitions = 3;
const zone = 'America/New_York';

describe('The results of generated events', () => {
  const { clean, bad, duplicates } = generatedEvents(seed, count);
  let driver: TopologyTestDriver;
  /** A commit for each task on the way from the input to the last result. */
  const settle = () => {
    for (let hop = 0; hop < 5; hop += 1) driver.commit();
  };

  beforeAll(async () => {
    const geo = await openGeo({ databases: [countryDatabase] });
    const options = { partitions, commit: 'manual' } as const;
    driver = new TopologyTestDriver(contentPlatform({ geo, zone }), options);
    for (let index = 0; index < count; index += 1) {
      const { value, timestamp } = rowAt(seed, index);
      const partition = index % partitions;
      const sent: unknown = JSON.parse(value);
      driver.send(topics.events, { key: null, value: sent, timestamp, partition });
      if (index % 500 === 0) driver.commit();
    }
    settle();
    for (const [index, value] of closingEvents(count).entries()) {
      driver.send(topics.events, { key: null, value, partition: index % partitions });
      if (index === 63) settle();
    }
    settle();
    geo.close();
  }, 120_000);

  const read = <K, V>(topic: string, nameOf: (key: K, value: V) => string) =>
    driver.read<K, V>(topic).flatMap(({ key, value }) => {
      return key === null || value === null || isOfClosing(nameOf(key, value))
        ? []
        : [{ key, value }];
    });
  /** The last value of each name. */
  const last = <K, V>(
    topic: string,
    nameOf: (key: K, value: V) => string,
    of: (value: V) => number,
  ) =>
    Object.fromEntries(
      read<K, V>(topic, nameOf).map(({ key, value }) => [nameOf(key, value), of(value)]),
    );

  it('hold each event once that obeys the rules, with its country', () => {
    const accepted = read<string, GeoEvent>(topics.accepted, (visitor) => visitor);
    const found = accepted.map(({ value }) => `${value.id} ${value.geo.country}`);
    expect(found.toSorted()).toEqual(clean.map(({ id, country }) => `${id} ${country}`).toSorted());
    expect(driver.dropped('duplicate')).toBe(duplicates);
  });

  it('hold each other event in the quarantine once, with its reason', () => {
    const quarantined = driver.read<Uint8Array | null, QuarantinedEvent>(topics.quarantine);
    const found = quarantined.map(({ value }) =>
      JSON.stringify([value?.original, value?.reasons[0]?.rule]),
    );
    expect(found.toSorted()).toEqual(
      bad.map(({ sent, rule }) => JSON.stringify([sent, rule])).toSorted(),
    );
    expect(new Set(bad.map(({ rule }) => rule)).size).toBe(6);
  });

  it('lose nothing to lateness', () => {
    expect(driver.dropped('late')).toBe(0);
  });

  it('summarise each session once', () => {
    const ended = read<Windowed<string>, SessionSummary>(topics.sessions, ({ key }) => key);
    const found = ended.map(({ value }) => sessionText(value)).toSorted();
    expect(found).toEqual(sessions(clean, durationMs(sessionGap)));
  });

  it('count the views of each page, by minute and in all, and of each country', () => {
    const minute = (ms: number) => ms - (ms % 60_000);
    const name = ({ key, startMs }: Windowed<string>) => `${key} ${startMs}`;
    expect(last<Windowed<string>, number>(topics.viewsPerMinute, name, Number)).toEqual(
      countsBy(views(clean), ({ page, timeMs }) => `${page} ${minute(timeMs)}`),
    );
    const itself = (own: string) => own;
    expect(last<string, number>(topics.viewsPerPage, itself, Number)).toEqual(
      countsBy(views(clean), ({ page }) => page),
    );
    const perCountry = last<string, number>(topics.viewsPerCountry, itself, Number);
    const closing = closingEvents(count).length;
    expect({ ...perCountry, unknown: (perCountry['unknown'] ?? 0) - closing }).toEqual(
      countsBy(views(clean), ({ country }) => country ?? 'unknown'),
    );
  });

  it('count the users of each day, live and final', () => {
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
    const lastDay = Math.max(...clean.map(({ timeMs }) => timeMs));
    const expected = usersByDay(clean, zone);
    for (const topic of [topics.liveUsers, topics.activeUsers]) {
      const rows = driver.read<Windowed<string>, ActiveUserCount>(topic).flatMap(({ value }) => {
        return value?.period === 'day' && value.startMs <= lastDay ? [value] : [];
      });
      const users = Object.fromEntries(
        rows.map(({ startMs, users }) => [day.format(startMs), users]),
      );
      expect(users).toEqual(expected);
    }
    expect(Object.keys(expected)).toHaveLength(2);
  });
});
