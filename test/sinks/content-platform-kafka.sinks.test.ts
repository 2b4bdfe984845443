import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { platformEvents } from '../../examples/content-platform/generator.ts';
import { tablesAt } from '../../examples/content-platform/tables.ts';
import { topicLags } from '../../examples/content-platform/topic-lag.ts';
import { contentPlatform, topics } from '../../examples/content-platform/topology.ts';
import { openFeeder } from '../../examples/program/feeder.ts';
import { bytes, json, kafka, type Log, produce, readCommitted, string } from '../../src/index.ts';
import type { QuarantinedEvent } from '../../src/topologies/intake.ts';
import { closingEvents } from '../examples/content-platform/closing-events.ts';
import { generatedEvents } from '../examples/content-platform/recounted-platform.ts';
import { kafkaJars, kafkaVersions, MissingToolError } from '../kafka/support/kafka-jars.ts';
import { type KafkaCluster, startKafka } from '../kafka/support/start-kafka.ts';
import { startTypeScript, type TypeScriptProcess } from '../support/typescript-process.ts';
import { type ClickhouseEngine, startClickhouse } from './support/clickhouse-engine.ts';
import { firstDifferences } from './support/multisets.ts';
import { until } from './support/on-postgres.ts';
import {
  insertClean,
  platformLaws,
  sessionsExpected,
  sessionsFound,
} from './support/platform-laws.ts';
import { quarantineText } from './support/platform-run.ts';

/** `PLATFORM_EVENTS=1000000` for a longer run. */
const events = Number(process.env['PLATFORM_EVENTS'] ?? 100_000);
const partitions = 4;
const command = new URL('../../src/cli/main.ts', import.meta.url);
const application = new URL('../../examples/content-platform/app.ts', import.meta.url).pathname;
const maxLooks = 40;
/** Records, each of an event that is a second behind the one before. */
const maxWaiting = 60_000;
const nowhere = { kind: 'unknown', country: null, region: null, city: null } as const;
const patienceMs = 120_000 + events * 5;

const version = kafkaVersions.at(-1) ?? '';

/** Whether there is a broker to start; says what is missing where there is none. */
const hasKafka = await kafkaJars(version).then(
  () => true,
  (error: unknown) => {
    if (!(error instanceof MissingToolError)) throw error;
    process.stderr.write(`SKIPPED: no broker. ${error.message}\n`);
    return false;
  },
);

describe.skipIf(!hasKafka)(
  `${events} events on a broker, by two workers, one killed on the way`,
  () => {
    const { clean, bad } = generatedEvents(1, events);
    const directory = mkdtempSync(join(tmpdir(), 'millrace-platform-'));
    let cluster: KafkaCluster;
    let engine: ClickhouseEngine;
    let log: Log;
    let other: TypeScriptProcess;

    beforeAll(async () => {
      cluster = await startKafka({ version });
      engine = await startClickhouse();
      log = kafka({ brokers: cluster.brokers });
      await log.admin.createTopics(
        Object.values(topics).map((topic) => {
          return { topic, partitions, cleanup: 'delete', settings: { 'retention.ms': '-1' } };
        }),
      );
      const killed = startWorker('worker-1');
      other = startWorker('worker-2');
      await feed(Math.floor(events / 2));
      await until(async () => (await count('events')) > events / 5);
      killed.child.kill('SIGKILL');
      await feed(events);
      await until(async () => (await count('events')) === clean.length);
      await close();
      await insertClean(engine, clean);
    }, patienceMs);

    afterAll(async () => {
      other.child.kill('SIGTERM');
      await other.finished;
      await log.close();
      await cluster.stop();
      await engine.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    function startWorker(name: string): TypeScriptProcess {
      return startTypeScript(command, [
        ...['run', application, '--brokers', cluster.bootstrap, '--instance-id', name],
        ...['--state-dir', join(directory, name), '--session-timeout', '6s'],
        ...['--set', `sink=${sinkUrl()}`, '--set', 'skew=2d'],
      ]);
    }

    /** Once the tables are there. */
    async function count(table: string): Promise<number> {
      const [there] = await engine.query(`EXISTS TABLE ${table}`);
      if (there !== '1') return 0;
      const [rows] = await engine.query(`SELECT count() FROM ${table}`);
      return Number(rows);
    }

    /** Waits for what is on its way, so that tasks are not further apart than the skew. */
    async function feed(upTo: number): Promise<void> {
      const geo = { lookup: () => nowhere };
      const topology = contentPlatform({ geo, tables: [await tablesAt(sinkUrl())] });
      const lags = topicLags(log.admin, topology, topics.events);
      const source = platformEvents(1, upTo);
      const name = 'content-platform';
      const feeder = await openFeeder({ name, log, topic: topics.events, partitions, source });
      do await until(async () => (await lags()).waiting < maxWaiting);
      while (await feeder.feed(5000));
      await feeder.close();
    }

    const sinkUrl = () => engine.url.replace('http:', 'clickhouse:');

    /** What differs in the end: the last rows may still be on their way. */
    async function restOf(found: string, expected: readonly string[]): Promise<readonly string[]> {
      for (let look = 0; ; look += 1) {
        const rest = firstDifferences(expected, await engine.query(found));
        if (rest.length === 0 || look === maxLooks) return rest;
        await sleep(500);
      }
    }

    /** Moves time on, so that every session ends. */
    async function close(): Promise<void> {
      const closing = closingEvents(events);
      const serdes = { key: string(), value: json<unknown>() };
      for (const turn of [
        closing.slice(0, closing.length / 2),
        closing.slice(closing.length / 2),
      ]) {
        const before = await count('events');
        const records = turn.map((value, index) => ({ key: `${index}`, value, timestamp: 0 }));
        await produce(log, topics.events, serdes, records);
        await until(async () => (await count('events')) === before + turn.length);
      }
      const expected = generatedSessions();
      await until(async () => (await count('sessions')) >= expected);
    }

    /** At least: what closes time has sessions of its own, of which the first ones end. */
    function generatedSessions(): number {
      const last = new Map<string, number>();
      let sessions = 0;
      for (const { visitor, timeMs } of clean.toSorted((a, b) => a.timeMs - b.timeMs)) {
        if (timeMs - (last.get(visitor) ?? 0) > 30 * 60_000) sessions += 1;
        last.set(visitor, timeMs);
      }
      return sessions;
    }

    it.each(Object.entries(platformLaws))('%s', async (_law, { found, expected }) => {
      const rows = await engine.query(expected);
      expect(rows.length).toBeGreaterThan(0);
      expect(await restOf(found, rows)).toEqual([]);
    });

    it('Each session is there once, as it was', async () => {
      const expected = await engine.query(sessionsExpected);
      expect(await restOf(sessionsFound, expected)).toEqual([]);
    });

    it('Each bad event is in the quarantine once, with its reason', async () => {
      const serdes = { key: bytes(), value: json<QuarantinedEvent>() };
      const records = await readCommitted(log, topics.quarantine, serdes);
      const found = records.map(({ value }) =>
        quarantineText(value?.original, value?.reasons[0]?.rule),
      );
      const expected = bad.map(({ sent, rule }) => quarantineText(sent, rule));
      expect(firstDifferences(expected, found)).toEqual([]);
    });
  },
);
