import { describe, expect, it } from 'vitest';
import { PLACE } from '../../../support/log-fixture.ts';
import {
  compactedTopic,
  fetchFrom,
  manualClock,
  memoryBroker,
  now,
  TestProducer,
} from '../../../support/broker-fixture.ts';

const DAY_MS = 86_400_000;

function compactedBroker(settings = {}) {
  const clock = manualClock();
  const broker = memoryBroker({ clock });
  now(broker.createTopics([compactedTopic(settings)]));
  return { broker, clock, compact: () => now(broker.compact(PLACE.topic)) };
}

describe('compaction', () => {
  it('keeps the last record of each key, at its offset', () => {
    const { broker, compact } = compactedBroker();
    const producer = new TestProducer(broker, null);
    producer.send(['a=1', 'b=1', 'a=2']);
    producer.send(['c=1', 'b=2']);
    compact();
    const { records, nextOffset, batches } = fetchFrom(broker);
    expect(records).toEqual(['2:a=2', '3:c=1', '4:b=2']);
    expect(nextOffset).toBe(5);
    expect(batches.map((batch) => [batch.baseOffset, batch.nextOffset])).toEqual([
      [0, 3],
      [3, 5],
    ]);
    expect(fetchFrom(broker, 1).records).toEqual(['2:a=2', '3:c=1', '4:b=2']);
  });

  it('goes through more keys than it holds in memory, share by share', () => {
    const { broker, compact } = compactedBroker();
    const producer = new TestProducer(broker, null);
    const keys = Array.from({ length: 150_000 }, (_, index) => `key-${index}`);
    for (const version of [1, 2]) {
      for (let from = 0; from < keys.length; from += 10_000) {
        producer.send(keys.slice(from, from + 10_000).map((key) => `${key}=${version}`));
      }
    }
    compact();
    const kept = keys.map((key, index) => `${keys.length + index}:${key}=2`);
    expect(fetchFrom(broker).records).toEqual(kept);
  });

  it('leaves holes that a reader passes over, up to the very end', () => {
    const { broker, compact } = compactedBroker();
    const [one, other] = [new TestProducer(broker, null), new TestProducer(broker, null)];
    for (let value = 0; value < 3; value++) one.send([`a=${value}`]);
    other.send(['a=9']);
    compact();
    const { records, batches, nextOffset } = fetchFrom(broker);
    expect(records).toEqual(['3:a=9']);
    // The last batch of a producer stays, even without records.
    expect(batches.map(({ baseOffset, count }) => [baseOffset, count])).toEqual([
      [2, 0],
      [3, 1],
    ]);
    expect(nextOffset).toBe(4);
    expect(fetchFrom(broker, 1).nextOffset).toBe(4);
  });

  it('takes aborted records away and touches nothing behind the last stable offset', () => {
    const { broker, compact } = compactedBroker();
    const [done, lost, open] = ['done', 'lost', 'open'].map((id) => new TestProducer(broker, id));
    done?.send(['a=1']);
    done?.commit();
    lost?.send(['a=2']);
    lost?.abort();
    open?.send(['b=1']);
    done?.send(['a=3']);
    done?.commit();
    compact();
    expect(fetchFrom(broker, 0, 'read-uncommitted').records).toEqual(['0:a=1', '4:b=1', '5:a=3']);
    open?.commit();
    compact();
    expect(fetchFrom(broker).records).toEqual(['4:b=1', '5:a=3']);
  });

  it('keeps a tombstone for delete.retention.ms', () => {
    const { broker, clock, compact } = compactedBroker({ 'delete.retention.ms': '500' });
    const producer = new TestProducer(broker, null);
    producer.send(['a=1', 'b=1']);
    producer.send(['a'], { timestamp: 1000 });
    clock.advance(1499);
    compact();
    expect(fetchFrom(broker).records).toEqual(['1:b=1', '2:a']);
    clock.advance(1);
    compact();
    expect(fetchFrom(broker)).toMatchObject({ records: ['1:b=1'], nextOffset: 3 });
  });

  it('keeps records that have no key', () => {
    const { broker, compact } = compactedBroker();
    new TestProducer(broker, null).send(['=1', '=2']);
    compact();
    expect(fetchFrom(broker).records).toEqual(['0:=1', '1:=2']);
  });

  it('removes old markers, but none whose records are left', () => {
    const { broker, clock, compact } = compactedBroker();
    const [a, b] = [new TestProducer(broker, 'a'), new TestProducer(broker, 'b')];
    a.send(['x=1']);
    a.abort();
    b.send(['y=1']);
    b.commit();
    clock.advance(2 * DAY_MS);
    compact();
    expect(fetchFrom(broker)).toMatchObject({ records: ['2:y=1'], nextOffset: 4 });
    expect(broker.ends([PLACE])[0]).toMatchObject({ lastStableOffset: 4, logEndOffset: 4 });
  });

  it('happens by itself: commits to one key do not pile up', () => {
    const { broker } = compactedBroker();
    const producer = new TestProducer(broker, 'a');
    const held = () => fetchFrom(broker, 0, 'read-uncommitted').batches.length;
    let most = 0;
    for (let value = 0; value < 5000; value++) {
      producer.send([`a=${value}`]);
      producer.commit();
      if (value % 100 === 0) most = Math.max(most, held());
    }
    expect(most).toBeLessThanOrEqual(1000);
    expect(fetchFrom(broker).records.at(-1)).toBe('9998:a=4999');
  });

  it('is asked of a topic that is not compacted in vain', () => {
    const broker = memoryBroker();
    new TestProducer(broker, null).send(['a=1', 'a=2']);
    now(broker.compact(PLACE.topic));
    expect(fetchFrom(broker).records).toEqual(['0:a=1', '1:a=2']);
  });
});

function keptBroker(settings: Readonly<Record<string, string>>) {
  const clock = manualClock();
  const broker = memoryBroker({ clock });
  now(broker.createTopics([{ ...PLACE, partitions: 1, cleanup: 'delete', settings }]));
  return { broker, clock };
}

describe('retention', () => {
  it('by time takes whole batches whose youngest record is too old', () => {
    const { broker, clock } = keptBroker({ 'retention.ms': '100' });
    const producer = new TestProducer(broker, null);
    producer.send(['a=1'], { timestamp: 1000 });
    producer.send(['b=2'], { timestamp: 1050 });
    clock.advance(1100);
    now(broker.applyRetention());
    expect(broker.ends([PLACE])[0]).toMatchObject({ logStartOffset: 1, logEndOffset: 2 });
    expect(() => fetchFrom(broker, 0)).toThrow('Offset 0');
    expect(fetchFrom(broker, 1).records).toEqual(['1:b=2']);
  });

  it('happens by itself as the partition grows', () => {
    const { broker } = keptBroker({ 'retention.bytes': '150' });
    const producer = new TestProducer(broker, null);
    for (let value = 0; value < 1000; value++) producer.send([`a=${value}`]);
    expect(broker.ends([PLACE])[0]?.logStartOffset).toBe(997);
  });

  it('by bytes takes the oldest while as many are left', () => {
    const { broker } = keptBroker({ 'retention.bytes': '150' });
    const producer = new TestProducer(broker, null);
    for (let value = 0; value < 5; value++) producer.send([`a=${value}`]);
    now(broker.applyRetention());
    expect(fetchFrom(broker, 2).records).toEqual(['2:a=2', '3:a=3', '4:a=4']);
    expect(broker.ends([PLACE])[0]?.logStartOffset).toBe(2);
  });

  it('leaves open transactions, compacted topics and topics without a limit alone', () => {
    const { broker, clock } = keptBroker({ 'retention.ms': '100', 'retention.bytes': '0' });
    new TestProducer(broker, 'open', 10 * DAY_MS).send(['a=1']);
    clock.advance(DAY_MS);
    now(broker.applyRetention());
    expect(broker.ends([PLACE])[0]?.logStartOffset).toBe(0);
    const compacted = compactedBroker({ 'retention.ms': '1' });
    new TestProducer(compacted.broker, null).send(['a=1']);
    compacted.clock.advance(DAY_MS);
    now(compacted.broker.applyRetention());
    expect(fetchFrom(compacted.broker).records).toEqual(['0:a=1']);
  });
});

describe('deleting records', () => {
  it('in the middle of a batch moves the start alone', () => {
    const broker = memoryBroker();
    new TestProducer(broker, null).send(['a=1', 'b=2', 'c=3']);
    now(broker.deleteRecords([{ ...PLACE, offset: 2 }]));
    expect(broker.ends([PLACE])[0]?.logStartOffset).toBe(2);
    expect(fetchFrom(broker, 2).records).toEqual(['2:c=3']);
    now(broker.deleteRecords([{ ...PLACE, offset: 1 }]));
    expect(broker.ends([PLACE])[0]?.logStartOffset).toBe(2);
  });

  it('beyond the end is refused', () => {
    const broker = memoryBroker();
    new TestProducer(broker, null).send(['a=1']);
    expect(() => broker.deleteRecords([{ ...PLACE, offset: 2 }])).toThrow(
      expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }),
    );
  });
});
