import { describe, expect, it } from 'vitest';
import { UsageError } from '../../examples/program/arguments.ts';
import viewCounting from '../../examples/view-counts/app.ts';
import { parseSettings } from '../../examples/view-counts/arguments.ts';
import { TopologyTestDriver } from '../../src/testing.ts';

const brokers = ['--brokers', 'kafka-1:9092, kafka-2:9092'];

describe('The demo on Kafka', () => {
  it('may leave the counting to others', () => {
    expect(parseSettings([...brokers, '--workers', '0'])).toMatchObject({
      brokers: ['kafka-1:9092', 'kafka-2:9092'],
      workers: 0,
    });
  });

  it('deletes nothing there', () => {
    expect(() => parseSettings([...brokers, '--fresh'])).toThrow(UsageError);
  });

  it('is the only one that runs without workers', () => {
    expect(() => parseSettings(['--workers', '0'])).toThrow(UsageError);
  });
});

describe('The application of the demo', () => {
  it('takes window and grace as settings', () => {
    const finalsOf = (settings: Parameters<typeof viewCounting>[0]) => {
      const driver = new TopologyTestDriver(viewCounting(settings));
      for (const timestamp of [0, 35_000]) {
        driver.send('page-views', { key: '/a', value: { page: '/a' }, timestamp });
      }
      return driver.read('view-counts-final').length;
    };
    expect(finalsOf({ window: '30s', grace: '5s' })).toBe(1);
    expect(finalsOf({ window: '30s', grace: '6s' })).toBe(0);
    expect(finalsOf({})).toBe(0);
  });

  it('refuses a duration that is none', () => {
    expect(() => viewCounting({ window: 'soon' })).toThrow(
      expect.objectContaining({ code: 'BAD_DURATION' }),
    );
  });
});
