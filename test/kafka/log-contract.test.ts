import { expect, it } from 'vitest';
import { kafka } from '../../src/core/log/kafka/kafka.ts';
import { logLaws } from '../contracts/log.contract.ts';
import { eachKafka, uniqueName } from './support/each-kafka.ts';
import { isolatedLog } from './support/isolated-log.ts';

/** Laws that hold for the embedded log alone, with the reason. */
const notOnBrokers: Readonly<Record<string, string>> = {
  'a record above the limit is refused, and nothing of its call is appended':
    'a broker appends to each partition by itself; see bad-input.test.ts',
};

eachKafka('Log contract', ({ brokers }) => {
  for (const [law, holds] of Object.entries(logLaws)) {
    it.skipIf(Object.hasOwn(notOnBrokers, law))(law, async () => {
      const log = isolatedLog(kafka({ brokers }), uniqueName('law'));
      try {
        await holds(log);
      } finally {
        await log.close();
      }
    });
  }
});

it('each exception is one from a law of the contract', () => {
  expect(Object.keys(logLaws)).toEqual(expect.arrayContaining(Object.keys(notOnBrokers)));
});
