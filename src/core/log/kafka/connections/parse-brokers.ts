import { ConfigError } from '../../../model/errors.ts';
import type { BrokerAddress } from './kafkajs-dial.ts';

const hostAndPort = /^(?:\[([^\]]+)\]|([^:\s/]+)):(\d{1,5})$/;

/** The addresses in `brokers`. @throws {ConfigError} `BAD_OPTION`. */
export function parseBrokers(brokers: readonly string[]): readonly BrokerAddress[] {
  if (Array.isArray(brokers) && brokers.length > 0) return brokers.map(parseBroker);
  throw new ConfigError(
    'BAD_OPTION',
    "kafka({ brokers }) names no broker: give at least one 'host:port'.",
  );
}

function parseBroker(text: string): BrokerAddress {
  const match = hostAndPort.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host !== undefined && port > 0 && port < 65_536) return { host, port };
  throw new ConfigError(
    'BAD_OPTION',
    `kafka({ brokers: [..., ${JSON.stringify(text)}] }): give each broker as 'host:port', without a scheme.`,
  );
}
