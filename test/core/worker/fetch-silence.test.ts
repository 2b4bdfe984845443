import { expect, it } from 'vitest';
import { FetchSilence } from '../../../src/core/worker/fetch-silence.ts';
import { LogError, string, TopologyBuilder } from '../../../src/index.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';
import { recordingLogger } from './recording-logger.ts';

const away = new LogError('retriable', 'BROKER_UNREACHABLE', 'Nobody is there.');
const warning = 'warn: Fetching fails and is tried again until it works: Nobody is there.';
const allClear = 'info: Fetching works again.';

it('a worker says once that fetching fails, and once that it works again', async () => {
  const workshop = new Workshop();
  const logger = recordingLogger();
  let isAway = false;
  const builder = new TopologyBuilder('app');
  builder.stream('in', { key: string(), value: string() }).to('out');
  const worker = await workshop.start(builder.build(), {
    logger,
    intercept: async ({ api }, go) => {
      if (api === 'fetch' && isAway) throw away;
      return go();
    },
  });
  const said = () => logger.lines.filter((line) => line.includes('Fetching'));
  for (const texts of [['a=1'], ['a=2']]) {
    await workshop.until(worker.caughtUp());
    const before = said();
    isAway = true;
    await workshop.runtime.advance(5_000);
    expect(said()).toEqual([...before, warning]);
    isAway = false;
    await workshop.feed('in', textRecords(texts));
    await workshop.until(worker.caughtUp());
    expect(said()).toEqual([...before, warning, allClear]);
  }
  expect(await workshop.values('out')).toEqual(['1', '2']);
});

const ask = (partition: number) => ({ topic: 'in', partition, offset: 5 });
const answer = (partition: number, logEndOffset: number) => ({
  topic: 'in',
  partition,
  batches: [],
  nextOffset: 5,
  ends: { logStartOffset: 0, lastStableOffset: 5, logEndOffset },
});

it('an answer that has nothing of a partition, nor its end, is none', () => {
  const logger = recordingLogger();
  const silence = new FetchSilence(logger);
  const asked = [ask(0), ask(1)];
  silence.failed(asked, away);
  silence.answered(asked, asked, [answer(0, 6), answer(1, 6)]);
  silence.failed(asked, away);
  silence.answered(asked, asked, [answer(0, 5), answer(1, 6)]);
  expect(logger.lines).toEqual([warning]);
  silence.answered(asked, asked, [answer(0, 6), answer(1, 5)]);
  expect(logger.lines).toEqual([warning, allClear]);
});

it('a partition that went to another worker is not waited for', () => {
  const logger = recordingLogger();
  const silence = new FetchSilence(logger);
  silence.failed([ask(0), ask(1)], away);
  silence.answered([ask(0)], [ask(0)], [answer(0, 5)]);
  expect(logger.lines).toEqual([warning, allClear]);
});
