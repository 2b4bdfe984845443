import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import type { ConnectionTimeouts } from '../../../../../src/core/log/kafka/connections/lanes.ts';
import {
  type KafkaConnections,
  openKafkaConnections,
} from '../../../../../src/core/log/kafka/connections/kafka-connections.ts';
import type { KafkaOptions } from '../../../../../src/core/log/kafka/kafka-options.ts';
import { heartbeat } from '../../../../../src/core/log/kafka/wire/messages/heartbeat.ts';
import { LogError } from '../../../../../src/core/model/errors.ts';
import { ScriptedBroker } from '../../../../support/scripted-broker.ts';

/** Long enough for any answer that comes at all. */
const patience: ConnectionTimeouts = { connectMs: 20_000, requestMs: 20_000 };

/** The script answers heartbeats; each counts as a request that is sent once. */
export async function startBroker(...setup: Parameters<typeof ScriptedBroker.listen>) {
  const broker = await ScriptedBroker.listen(...setup);
  onTestFinished(() => broker.close());
  return broker.on(heartbeat, () => ({ throttleMs: 0, errorCode: 0 }));
}

export function connectTo(
  brokers: readonly (ScriptedBroker | string)[],
  options: Partial<KafkaOptions> = {},
  timeouts: ConnectionTimeouts = patience,
): KafkaConnections {
  const addresses = brokers.map((broker) => (typeof broker === 'string' ? broker : broker.address));
  const connections = openKafkaConnections(
    { ...options, brokers: addresses, clientId: 'test' },
    timeouts,
  );
  onTestFinished(() => connections.close());
  return connections;
}

export const beat = { group: 'g', generation: 1, memberId: 'm', instanceId: null };

export const fetchRequest = {
  ...{ replicaId: -1, maxWaitMs: 1, minBytes: 1, maxBytes: 1, isolation: 0 },
  ...{ sessionId: 0, sessionEpoch: -1, topics: [], forgotten: [], rack: '' },
};

export async function rejection(promise: Promise<unknown>): Promise<LogError> {
  const error: unknown = await promise.then(
    () => new Error('It did not reject.'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LogError);
  return error as LogError; // expected just now
}

export function countTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

/** The test runner has timers too, which come and go. */
export async function expectTimersAtMost(count: number): Promise<void> {
  for (let turn = 0; turn < 20_000 && countTimers() > count; turn++) await setImmediate();
  expect(countTimers()).toBeLessThanOrEqual(count);
}
