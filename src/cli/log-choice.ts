import type { KafkaOptions } from '../core/log/kafka/kafka-options.ts';
import { parseBrokers } from '../core/log/kafka/connections/parse-brokers.ts';
import type { Environment } from './arguments.ts';
import { UsageError } from './exit-codes.ts';
import { oneOf } from './values.ts';

/** The log that an application runs on. */
export type LogChoice =
  | { readonly type: 'kafka'; readonly options: KafkaOptions }
  | { readonly type: 'embedded'; readonly directory: string };

export interface LogValues {
  readonly brokers?: string | undefined;
  readonly embedded?: string | undefined;
  readonly 'client-id'?: string | undefined;
  readonly ssl?: boolean | undefined;
  readonly 'sasl-mechanism'?: string | undefined;
  readonly 'sasl-username'?: string | undefined;
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const kafkaOnly = ['brokers', 'client-id', 'ssl', 'sasl-mechanism', 'sasl-username'] as const;

/** @throws {UsageError} */
export function logChoice(values: LogValues, environment: Environment): LogChoice {
  if (values.embedded !== undefined) {
    const other = kafkaOnly.find((name) => values[name] !== undefined);
    if (other === undefined) return { type: 'embedded', directory: values.embedded };
    throw new UsageError(`--${other} is for a Kafka cluster: give it or --embedded, not both.`);
  }
  const brokers = values.brokers ?? environment['MILLRACE_BROKERS'];
  if (brokers === undefined || brokers.trim() === '') {
    throw new UsageError(
      'No log: give --brokers HOST:PORT,... (or the environment MILLRACE_BROKERS), ' +
        'or --embedded DIR to try an application without a cluster.',
    );
  }
  const clientId = values['client-id'];
  const sasl = saslOf(values, environment['MILLRACE_SASL_PASSWORD']);
  const options = {
    brokers: brokerList(brokers),
    ...(clientId === undefined ? {} : { clientId }),
    ...(values.ssl === true ? { ssl: true } : {}),
    ...(sasl === null ? {} : { sasl }),
  };
  return { type: 'kafka', options };
}

function brokerList(text: string): readonly string[] {
  return text.split(',').map((entry) => {
    const broker = entry.trim();
    try {
      parseBrokers([broker]);
    } catch (cause) {
      const rule = 'write HOST:PORT, and a comma between two';
      throw new UsageError(`Broker '${broker}': ${rule}.`, { cause });
    }
    return broker;
  });
}

function saslOf(values: LogValues, password: string | undefined) {
  const { 'sasl-mechanism': name, 'sasl-username': username } = values;
  if (name === undefined && username === undefined) return null;
  if (name === undefined || username === undefined) {
    throw new UsageError('--sasl-mechanism and --sasl-username are given together.');
  }
  const mechanism = oneOf('--sasl-mechanism', name, mechanisms);
  if (password === undefined) {
    throw new UsageError(
      `--sasl-username ${username}: set its password in the environment MILLRACE_SASL_PASSWORD.`,
    );
  }
  // One object for each mechanism, as the type of kafkajs has it.
  if (mechanism === 'plain') return { mechanism, username, password };
  if (mechanism === 'scram-sha-256') return { mechanism, username, password };
  return { mechanism, username, password };
}
