import { randomBytes } from 'node:crypto';
import { describe, inject } from 'vitest';

export interface SharedKafka {
  readonly version: string;
  readonly brokers: readonly string[];
}

/** A name that no other test and no other run uses. */
export function uniqueName(name: string): string {
  return `${name}-${randomBytes(5).toString('hex')}`;
}

/** Declares tests for the shared broker of each version. */
export function eachKafka(label: string, declare: (kafka: SharedKafka) => void): void {
  for (const [version, address] of Object.entries(inject('sharedBrokers'))) {
    describe(`${label}, Kafka ${version}`, () => declare({ version, brokers: [address] }));
  }
}
