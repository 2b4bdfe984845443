import { describe, expect, it } from 'vitest';
import { LogError } from '../../../../src/core/model/errors.ts';
import { PLACE } from '../../../support/log-fixture.ts';
import {
  fetchFrom,
  manualClock,
  memoryBroker,
  now,
  TestProducer,
} from '../../../support/broker-fixture.ts';

const member = { group: 'app', generation: 3, memberId: 'm' };
const offset = (offset: number) => ({ ...PLACE, offset, metadata: '' });
const code = (code: string): unknown => expect.objectContaining({ code });

describe('a batch sent again', () => {
  it('gets the first answer and is not appended', () => {
    const producer = new TestProducer(memoryBroker(), null);
    expect(producer.send(['a=1', 'b=2'])).toBe(0);
    expect(producer.send(['c=3'])).toBe(2);
    expect(producer.send(['a=1', 'b=2'], { sequence: 0 })).toBe(0);
    expect(fetchFrom(producer.broker).records).toEqual(['0:a=1', '1:b=2', '2:c=3']);
  });

  it('is known for the last five', () => {
    const producer = new TestProducer(memoryBroker(), null);
    for (let sequence = 0; sequence < 6; sequence++) producer.send([`a=${sequence}`]);
    expect(producer.send(['a=1'], { sequence: 1 })).toBe(1);
    expect(() => producer.send(['a=0'], { sequence: 0 })).toThrow(code('OUT_OF_ORDER_SEQUENCE'));
  });
});

describe('a batch out of order', () => {
  it('is refused, and nothing of its request is appended', () => {
    const producer = new TestProducer(memoryBroker({ partitions: 2 }), null);
    producer.send(['a=1']);
    const batches = [
      { ...PLACE, partition: 1, bytes: producer.finish(['b=1'], 0) },
      { ...PLACE, bytes: producer.finish(['b=2'], 2) },
    ];
    expect(() => producer.broker.produce(producer.identity, batches)).toThrow(
      expect.objectContaining({
        code: 'OUT_OF_ORDER_SEQUENCE',
        errorClass: 'abort-and-reinitialise',
        where: PLACE,
      }),
    );
    const ends = producer.broker.ends([PLACE, { ...PLACE, partition: 1 }]);
    expect(ends.map(({ logEndOffset }) => logEndOffset)).toEqual([1, 0]);
  });

  it('is not one that follows the largest sequence with 0', () => {
    const producer = new TestProducer(memoryBroker(), null);
    producer.send(['a=1'], { sequence: 2 ** 31 - 2 });
    producer.send(['b=2', 'c=3'], { sequence: 2 ** 31 - 1 });
    expect(producer.send(['d=4'], { sequence: 1 })).toBe(3);
  });

  it('is one of a new epoch that does not begin at 0', () => {
    const broker = memoryBroker();
    new TestProducer(broker, 'w').send(['a=1']);
    const next = new TestProducer(broker, 'w');
    expect(() => next.send(['b=2'], { sequence: 1 })).toThrow(code('OUT_OF_ORDER_SEQUENCE'));
    expect(next.send(['b=2'])).toBe(2);
  });
});

describe('an epoch', () => {
  it('that is over can do nothing any more', () => {
    const broker = memoryBroker();
    const old = new TestProducer(broker, 'w');
    old.send(['a=1']);
    new TestProducer(broker, 'w');
    const attempts = [
      () => old.send(['b=2']),
      () => old.commit(),
      () => old.abort(),
      () => broker.sendOffsets(old.identity, [offset(1)], member),
    ];
    for (const attempt of attempts) {
      expect(attempt).toThrow(
        expect.objectContaining({ code: 'PRODUCER_FENCED', errorClass: 'fenced' }),
      );
    }
    expect(fetchFrom(broker).nextOffset).toBe(2);
  });

  it('after the last one is the first of another producer id', () => {
    const broker = memoryBroker();
    const first = new TestProducer(broker, 'w');
    for (let epoch = 0; epoch < 32_766; epoch++) now(broker.initProducer('w', 1000));
    const last = now(broker.initProducer('w', 1000));
    expect(last.producerId).not.toBe(first.identity.producerId);
    expect(last.producerEpoch).toBe(0);
  });
});

describe('a transaction', () => {
  it('that takes longer than its time-out is aborted, and its producer fenced', () => {
    const clock = manualClock();
    const broker = memoryBroker({ clock });
    const slow = new TestProducer(broker, 'slow', 1000);
    slow.send(['a=1']);
    clock.advance(999);
    expect(broker.ends([PLACE])[0]?.lastStableOffset).toBe(0);
    clock.advance(1);
    expect(broker.ends([PLACE])[0]?.lastStableOffset).toBe(2);
    expect(fetchFrom(broker).records).toEqual([]);
    expect(() => slow.commit()).toThrow(code('PRODUCER_FENCED'));
  });

  it('that is ended twice the same way is no error, the other way it is', () => {
    const producer = new TestProducer(memoryBroker(), 'w');
    producer.send(['a=1']);
    producer.commit();
    producer.commit();
    producer.abort();
    expect(fetchFrom(producer.broker)).toMatchObject({ records: ['0:a=1'], nextOffset: 2 });
    producer.send(['b=2']);
    producer.abort();
    expect(() => producer.commit()).toThrow(code('TRANSACTION_STATE'));
  });

  it('holds the last stable offset until the oldest of them has ended', () => {
    const broker = memoryBroker();
    const [a, b] = [new TestProducer(broker, 'a'), new TestProducer(broker, 'b')];
    a.send(['a=1']);
    b.send(['b=1']);
    b.commit();
    expect(fetchFrom(broker)).toMatchObject({ records: [], nextOffset: 0 });
    a.commit();
    expect(fetchFrom(broker)).toMatchObject({ records: ['0:a=1', '1:b=1'], nextOffset: 4 });
  });

  it('leaves an aborted record that looks like a marker aborted', () => {
    const broker = memoryBroker();
    const producer = new TestProducer(broker, 'w');
    producer.send(['\0\0\0\0=x']);
    producer.send(['a=1']);
    producer.abort();
    expect(fetchFrom(broker)).toMatchObject({ records: [], nextOffset: 3 });
  });

  it('may carry offsets alone, and those of a refused member not at all', () => {
    const groups = {
      check({ generation }: { generation: number }) {
        if (generation !== 3) throw new LogError('fenced', 'STALE_GENERATION', 'late');
      },
    };
    const broker = memoryBroker({ groups });
    const producer = new TestProducer(broker, 'w');
    now(broker.sendOffsets(producer.identity, [offset(7)], member));
    const stale = { ...member, generation: 2 };
    const refused = () => broker.sendOffsets(producer.identity, [offset(9)], stale);
    expect(refused).toThrow(code('STALE_GENERATION'));
    expect(() => broker.commitOffsets([offset(9)], stale)).toThrow(code('STALE_GENERATION'));
    expect(broker.hasPendingOffsets('app', [PLACE])).toBe(true);
    expect(broker.hasPendingOffsets('other', [PLACE])).toBe(false);
    expect(broker.committedOffsets('app', [PLACE])).toEqual([null]);
    producer.commit();
    expect(broker.hasPendingOffsets('app', [PLACE])).toBe(false);
    expect(broker.committedOffsets('app', [PLACE])).toEqual([{ offset: 7, metadata: '' }]);
  });
});

describe('a topic', () => {
  it('may be called __proto__', () => {
    const broker = memoryBroker();
    const producer = new TestProducer(broker, null);
    const place = { topic: '__proto__', partition: 0 };
    now(broker.produce(producer.identity, [{ ...place, bytes: producer.finish(['a=1'], 0) }]));
    now(broker.commitOffsets([{ ...place, offset: 1, metadata: '' }], member));
    expect(broker.ends([place])[0]?.logEndOffset).toBe(1);
    expect(broker.committedOffsets('app', [place])).toEqual([{ offset: 1, metadata: '' }]);
    expect(now(broker.describeTopics(['__proto__', 'constructor'])).size).toBe(2);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it.each(['', '.', '..', 'a/b', 'a b', 'ä', 'x'.repeat(250)])('may not be called %j', (name) => {
    expect(() => memoryBroker().describeTopics([name])).toThrow(code('BAD_NAME'));
  });

  it.each([0, -1, 1.5, Number.NaN, 1_000_000])('may not have %d partitions', (partitions) => {
    const topic = { topic: 'a', partitions, cleanup: 'delete', settings: {} } as const;
    expect(() => memoryBroker().createTopics([topic])).toThrow(code('BAD_OPTION'));
  });
});

it('a closed broker refuses', () => {
  const broker = memoryBroker();
  now(broker.close());
  now(broker.close());
  expect(() => broker.describeTopics(['a'])).toThrow(code('LOG_CLOSED'));
});
