import { describe, expect, it } from 'vitest';
import type { NewTopic } from '../../../src/core/log/port.ts';
import type { Intercept } from '../../../src/core/log/embedded/fault-intercept.ts';
import { LogError, onUpdate, string, TopologyBuilder } from '../../../src/index.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';
import { overriding } from '../../torture/overriding.ts';
import { recordingLogger } from './recording-logger.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', { key: string(), value: string() })
    .groupBy((value) => value, { name: 'by-value', key: string() })
    .count({ name: 'counts', emit: onUpdate() })
    .toStream()
    .mapValues((count, key) => `${key}${count}`, { value: string() })
    .to('out');
  return builder.build();
}

const timedOut = new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'No answer.');
const moving = new LogError('retriable', 'BROKER_NOT_READY', 'Not now.');
const unreachable = new LogError('retriable', 'BROKER_UNREACHABLE', 'Nobody is there.');
const refused = new LogError('fatal', 'NOT_AUTHORIZED', 'No.');

/** Fails the first requests of a kind; those whose answer is lost are carried out. */
function failing(api: string, { error, times }: { error: LogError; times: number }) {
  const counter = { tries: 0 };
  const intercept: Intercept = async (request, go) => {
    if (request.api !== api) return go();
    counter.tries += 1;
    if (counter.tries > times) return go();
    if (error === timedOut) await go();
    throw error;
  };
  return { counter, intercept };
}

describe('a start', () => {
  for (const api of ['describe-topics', 'create-topics', 'produce', 'ends']) {
    for (const error of [timedOut, moving]) {
      it(`is tried again when '${api}' fails with ${error.code}`, async () => {
        const workshop = new Workshop();
        if (api === 'ends') await workshop.until((await workshop.start(counting())).close());
        const logger = recordingLogger();
        const { intercept } = failing(api, { error, times: 2 });
        const worker = await workshop.start(counting(), { intercept, logger });
        await workshop.feed('in', textRecords(['k=a']));
        await workshop.until(worker.caughtUp());
        expect(await workshop.values('out')).toEqual(['a1']);
        expect((await workshop.read('app-manifest')).length).toBe(1);
        const said = logger.lines.filter((line) => line.startsWith('warn: The start'));
        // What was carried out the first time need not be done again.
        const isDone = error === timedOut && (api === 'create-topics' || api === 'produce');
        expect(said.length).toBe(isDone ? 1 : 2);
      });
    }
  }

  it('says what it waits for where the log is silent', async () => {
    const workshop = new Workshop();
    const logger = recordingLogger();
    const { scheduler } = workshop.runtime;
    const slow: Intercept = async ({ api }, go) => {
      if (api === 'create-topics') await scheduler.sleep(8_000);
      return go();
    };
    const worker = await workshop.start(counting(), { intercept: slow, logger });
    const said = () => logger.lines.filter((line) => line.startsWith('warn: The start'));
    expect(said()).toEqual(['warn: The start still waits for the log after 5000 ms.']);
    await workshop.until(worker.close());
    const quick = await workshop.start(counting(), { logger });
    await workshop.until(scheduler.sleep(8_000));
    await workshop.until(quick.close());
    expect(said().length).toBe(1);
  });

  it('is given up after five attempts', async () => {
    const workshop = new Workshop();
    const { counter, intercept } = failing('create-topics', { error: moving, times: Infinity });
    await expect(workshop.start(counting(), { intercept })).rejects.toBe(moving);
    expect(counter.tries).toBe(5);
  });

  for (const error of [refused, unreachable]) {
    it(`is given up at once for ${error.code}`, async () => {
      const workshop = new Workshop();
      const { counter, intercept } = failing('create-topics', { error, times: Infinity });
      await expect(workshop.start(counting(), { intercept })).rejects.toBe(error);
      expect(counter.tries).toBe(1);
    });
  }
});

it('internal topics keep the times of their records, future ones too', async () => {
  const workshop = new Workshop();
  const made: NewTopic[] = [];
  const admin = overriding(workshop.log.admin, {
    createTopics: (topics) => {
      made.push(...topics);
      return workshop.log.admin.createTopics(topics);
    },
  });
  await workshop.start(counting(), { log: overriding(workshop.log, { admin }) });
  expect(made.length).toBe(5);
  for (const { topic, settings } of made) {
    expect(settings, topic).toMatchObject({
      'message.timestamp.type': 'CreateTime',
      'message.timestamp.after.max.ms': String(Number.MAX_SAFE_INTEGER),
    });
  }
});
