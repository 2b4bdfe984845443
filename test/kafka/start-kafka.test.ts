import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { kafka } from '../../src/core/log/kafka/kafka.ts';
import { commitAll, PLACE, recordsIn } from '../support/log-fixture.ts';
import { startTypeScript } from '../support/typescript-process.ts';
import { kafkaVersions } from './support/kafka-jars.ts';
import { startKafkaProxy } from './support/kafka-proxy.ts';
import { startKafka } from './support/start-kafka.ts';

const version = kafkaVersions[1];
const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

it('a cluster outlives a killed broker, which comes back; also seen through a proxy', async () => {
  const cluster = await startKafka({ version, brokers: 3, proxied: true });
  const { routes } = cluster;
  const proxy = await startKafkaProxy({ routes, random: () => 0.5 });
  const log = kafka({ brokers: routes.map(({ listenPort }) => `127.0.0.1:${listenPort}`) });
  const shape = { topic: PLACE.topic, partitions: 3, cleanup: 'delete', settings: {} } as const;
  await log.admin.createTopics([shape]);
  await commitAll(log, 'a=1');

  await cluster.kill(2);
  expect([...cluster.pids.keys()]).toEqual([1, 3]);
  await commitAll(log, 'b=2');
  await cluster.start(2);
  expect([...cluster.pids.keys()]).toEqual([1, 2, 3]);

  const fault = proxy.aim({ kind: 'cut', apis: ['Produce'], times: 1 });
  await expect(commitAll(log, 'c=3')).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' });
  expect(fault.count).toBe(1);
  await commitAll(log, 'd=4');
  // What is committed is read as soon as its marker is written.
  const committed = ['0:a=1', '2:b=2', '6:d=4'];
  await expect.poll(() => recordsIn(log), { timeout: 20_000 }).toEqual(committed);

  await log.close();
  await proxy.close();
  await cluster.stop();
  expect(cluster.pids.size).toBe(0);
}, 120_000);

it('brokers end with the process that started them, even if it is killed', async () => {
  const holder = startTypeScript(new URL('./support/hold-kafka.ts', import.meta.url), [version]);
  await holder.outputMatches(/Brokers: /);
  holder.child.kill('SIGKILL');
  const { output } = await holder.finished;
  const pid = Number(/Brokers: (\d+)/.exec(output)?.[1]);
  expect(pid).toBeGreaterThan(0);
  while (isAlive(pid)) await sleep(20);
});
