import { describe, expect, it } from 'vitest';
import { kafka } from '../../../../src/core/log/kafka/kafka.ts';
import { createDeferred } from '../../../../src/core/log/group/deferred.ts';
import { findCoordinator } from '../../../../src/core/log/kafka/wire/messages/find-coordinator.ts';
import { initProducerId } from '../../../../src/core/log/kafka/wire/messages/init-producer-id.ts';
import { joinGroup } from '../../../../src/core/log/kafka/wire/messages/join-group.ts';
import type { GroupOptions } from '../../../../src/core/log/port.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { rejection, startBroker } from './connections/fixture.ts';

describe('kafka()', () => {
  const useless = [[], ['localhost'], ['localhost:'], ['kafka://localhost:9092'], ['a:0'], ['a:b']];
  for (const brokers of useless) {
    it(`refuses the brokers ${JSON.stringify(brokers)}`, () => {
      const error = thrownBy(() => kafka({ brokers }));
      expect(error.code).toBe('BAD_OPTION');
      expect(error.message).toContain('host:port');
    });
  }

  it('takes names and addresses of both kinds', async () => {
    await kafka({
      brokers: ['localhost:9092', '127.0.0.1:1', '[::1]:9092', 'k-1.b:65535'],
    }).close();
  });

  it('connects nothing before it is used', async () => {
    const broker = await startBroker();
    const log = kafka({ brokers: [broker.address] });
    await log.openReader({ isolation: 'read-committed' }).close();
    await log.close();
    expect(broker.sockets).toHaveLength(0);
  });

  it('rejects once it is closed', async () => {
    const log = kafka({ brokers: ['127.0.0.1:1'] });
    await log.close();
    const writer = { transactionalId: null, transactionTimeoutMs: 1_000 };
    expect(await rejection(log.openWriter(writer))).toMatchObject({ code: 'LOG_CLOSED' });
    expect(await rejection(log.admin.describeTopics(['in']))).toMatchObject({ code: 'LOG_CLOSED' });
    expect(thrownBy(() => log.openReader({ isolation: 'read-committed' })).code).toBe('LOG_CLOSED');
  });

  it('a writer that cannot be opened leaves no socket behind', async () => {
    const broker = await startBroker();
    broker.versions.delete(22);
    const log = kafka({ brokers: [broker.address] });
    const writer = { transactionalId: 'w', transactionTimeoutMs: 1_000 };
    expect(await rejection(log.openWriter(writer))).toMatchObject({ code: 'BROKER_TOO_OLD' });
    await broker.allClosed();
    await log.close();
  });

  it('closing ends what is being opened', async () => {
    const broker = await startBroker();
    const waits = [createDeferred<void>(), createDeferred<void>()] as const;
    const place = { host: '127.0.0.1', port: broker.port };
    broker.on(findCoordinator, () => ({
      ...{ throttleMs: 0, errorCode: 0, message: null, nodeId: 1 },
      ...place,
    }));
    broker.on(initProducerId, () => {
      waits[0].resolve();
      return { fault: 'silence' };
    });
    broker.on(joinGroup, () => {
      waits[1].resolve();
      return { fault: 'silence' };
    });
    const log = kafka({ brokers: [broker.address] });
    const opening = [
      rejection(log.openWriter({ transactionalId: 'w', transactionTimeoutMs: 1_000 })),
      rejection(log.joinGroup(groupOptions)),
    ];
    await Promise.all(waits.map(({ promise }) => promise));

    await log.close();

    const codes = (await Promise.all(opening)).map(({ code }) => code);
    expect(codes).toEqual(['LOG_CLOSED', 'LOG_CLOSED']);
    await broker.allClosed();
  });
});

const groupOptions: GroupOptions = {
  ...{ group: 'g', topics: [], instanceId: 'i' },
  ...{ sessionTimeoutMs: 30_000, heartbeatIntervalMs: 10_000 },
  assignor: () => new Map(),
  listener: {
    userData: () => new Uint8Array(),
    onRevoked: () => Promise.resolve(),
    onAssigned: () => Promise.resolve(),
    onLost: () => Promise.resolve(),
    onFailed: () => undefined,
  },
};
