import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../../../src/core/log/kafka/group/consumer-protocol.ts';
import { propertyOptions } from '../../../../support/property-options.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const place = (topic: string, partition: number) => ({ topic, partition });
const userData = new Uint8Array(Buffer.from('UD'));
const owned = [place('clicks', 1), place('orders', 0), place('orders', 2)];

/** Of Kafka's own client: `ConsumerProtocol` writes these for the values below. */
const written = {
  subscriptions: {
    0: '0000000000020006636c69636b7300066f7264657273000000025544',
    1: '0001000000020006636c69636b7300066f7264657273000000025544000000020006636c69636b73000000010000000100066f7264657273000000020000000000000002',
    2: '0002000000020006636c69636b7300066f7264657273000000025544000000020006636c69636b73000000010000000100066f726465727300000002000000000000000200000007',
    3: '0003000000020006636c69636b7300066f7264657273000000025544000000020006636c69636b73000000010000000100066f72646572730000000200000000000000020000000700027231',
  },
  firstSubscription: '00020000000100066f72646572730000000000000000ffffffff',
  withoutUserData: '00030000000100066f7264657273ffffffff00000000ffffffffffff',
  assignment: '00000000000100066f7264657273000000020000000000000002000000025544',
  assignments: {
    0: '00000000000200066f72646572730000000200000002000000000006636c69636b730000000100000001000000025544',
    3: '00030000000200066f72646572730000000200000002000000000006636c69636b730000000100000001000000025544',
  },
  emptyAssignment: '000300000000ffffffff',
};
const fromHex = (text: string) => Buffer.from(text, 'hex');

describe('a subscription', () => {
  it('has the bytes that the client of Kafka writes', () => {
    const unsorted = { topics: ['orders', 'clicks'], owned: owned.toReversed() };
    const bytes = encodeSubscription({ ...unsorted, userData, generation: 7 });
    expect(bytes.toString('hex')).toBe(written.subscriptions[2]);
    const first = { topics: ['orders'], userData: new Uint8Array(), owned: [], generation: -1 };
    expect(encodeSubscription(first).toString('hex')).toBe(written.firstSubscription);
  });

  it.each([1, 2, 3] as const)('is read in version %i', (version) => {
    const bytes = fromHex(written.subscriptions[version]);
    expect(decodeSubscription(bytes)).toEqual({ userData, owned });
  });

  it('of a version without owned partitions owns nothing', () => {
    const bytes = fromHex(written.subscriptions[0]);
    expect(decodeSubscription(bytes)).toEqual({ userData, owned: [] });
  });

  it('without user data has empty ones', () => {
    const bytes = fromHex(written.withoutUserData);
    expect(decodeSubscription(bytes)).toEqual({ userData: new Uint8Array(), owned: [] });
  });

  it('that is cut off is refused', () => {
    const bytes = fromHex(written.subscriptions[2]).subarray(0, 30);
    expect(thrownBy(() => decodeSubscription(bytes))).toMatchObject({ code: 'CORRUPT_ANSWER' });
  });

  it('differs in each generation, and only then if nothing is new', () => {
    const said = { topics: ['orders'], userData, owned };
    const bytes = (generation: number) => encodeSubscription({ ...said, generation });
    expect(bytes(7).equals(bytes(7))).toBe(true);
    expect(bytes(7).equals(bytes(8))).toBe(false);
  });
});

describe('an assignment', () => {
  it('has the bytes that the client of Kafka writes', () => {
    const partitions = [place('orders', 2), place('orders', 0)];
    const bytes = encodeAssignment({ partitions, userData });
    expect(bytes.toString('hex')).toBe(written.assignment);
  });

  it.each([0, 3] as const)('is read in version %i', (version) => {
    const { partitions, userData: read } = decodeAssignment(fromHex(written.assignments[version]));
    expect(partitions).toEqual([place('orders', 2), place('orders', 0), place('clicks', 1)]);
    expect(read).toEqual(userData);
  });

  it('of a member that was given nothing is empty', () => {
    const nothing = { partitions: [], userData: new Uint8Array() };
    expect(decodeAssignment(new Uint8Array())).toEqual(nothing);
    expect(decodeAssignment(fromHex(written.emptyAssignment))).toEqual(nothing);
  });

  it('holds no view of what was received', () => {
    const received = fromHex(written.assignment);
    const { userData: read } = decodeAssignment(received);
    received.fill(0);
    expect(read).toEqual(userData);
  });
});

const topicName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'in'),
  fc.stringMatching(/^[a-z]{1,8}$/),
);
const places = fc.uniqueArray(fc.record({ topic: topicName, partition: fc.nat(5) }), {
  selector: ({ topic, partition }) => `${topic}/${partition}`,
});
const sorted = (list: readonly { topic: string; partition: number }[]) =>
  list.map(({ topic, partition }) => `${topic}/${partition}`).toSorted();

describe('what a member says and is given', () => {
  it('comes back as it was', () => {
    const law = fc.property(places, fc.uint8Array(), fc.nat(), (some, bytes, generation) => {
      const said = { topics: ['in'], userData: bytes, owned: some, generation };
      const read = decodeSubscription(encodeSubscription(said));
      expect(sorted(read.owned)).toEqual(sorted(some));
      expect(read.userData).toEqual(bytes);
      const given = decodeAssignment(encodeAssignment({ partitions: some, userData: bytes }));
      expect(sorted(given.partitions)).toEqual(sorted(some));
      expect(given.userData).toEqual(bytes);
    });
    fc.assert(law, propertyOptions(100));
  });

  it('K21: a topic named __proto__ is a topic like any other', () => {
    const mine = [place('__proto__', 1), place('constructor', 0)];
    const said = { topics: ['__proto__', 'constructor'], userData, owned: mine, generation: 1 };
    expect(decodeSubscription(encodeSubscription(said)).owned).toEqual(mine);
    expect(decodeAssignment(encodeAssignment({ partitions: mine, userData })).partitions).toEqual(
      mine,
    );
    expect(Object.prototype).not.toHaveProperty('partition');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
