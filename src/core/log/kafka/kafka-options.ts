import type { KafkaConfig } from 'kafkajs';
import type { Runtime } from '../../runtime/runtime.ts';

/** How a Kafka cluster is reached. */
export interface KafkaOptions {
  /** `host:port` of one or more brokers; the others are found through them. */
  readonly brokers: readonly string[];
  /** Named in the brokers' logs and quotas. Default `'millrace'`. */
  readonly clientId?: string;
  /** TLS: true, or the options of `tls.connect` (`ca`, `cert`, `key`, ...). */
  readonly ssl?: KafkaConfig['ssl'];
  /** As kafkajs takes it: `{ mechanism: 'scram-sha-512', username, password }` and others. */
  readonly sasl?: KafkaConfig['sasl'];
  /** Replicas of topics that are created; default: what the cluster is set to. */
  readonly replicationFactor?: number;
  /** Clock, chance and scheduling; default: those of the process. */
  readonly runtime?: Runtime;
}
