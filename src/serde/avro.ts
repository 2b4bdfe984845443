export { avro, type AvroOptions, type AvroSchema } from './avro/avro.ts';
export type { LongAs } from './avro/avro-types.ts';
export { confluentRegistry, type ConfluentRegistryOptions } from './avro/confluent-registry.ts';
export { kafkajsRegistry, type KafkajsSchemaRegistry } from './avro/kafkajs-registry.ts';
export type { SchemaRegistry } from './avro/schema-registry.ts';
