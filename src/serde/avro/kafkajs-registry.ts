import type { SchemaRegistry } from './schema-registry.ts';

/** What is used of the `SchemaRegistry` of `@kafkajs/confluent-schema-registry`. */
export interface KafkajsSchemaRegistry {
  getSchema(id: number): Promise<unknown>;
  getRegistryIdBySchema(subject: string, schema: never): Promise<number>;
  register(schema: never, options: { readonly subject: string }): Promise<{ readonly id: number }>;
}

/** What that client gives for an Avro schema: a type of avsc. */
interface AvroType {
  schema(options: { readonly exportAttrs: true }): unknown;
}

/**
 * A client of `@kafkajs/confluent-schema-registry` that the application has already, with its agent
 * and credentials. Its `register` also sets the compatibility of a new subject: `BACKWARD`, unless
 * the client's options say otherwise. What it gives of a schema lacks logical types: how a value is
 * read is for the reader's schema to say, which has them.
 */
export function kafkajsRegistry(client: KafkajsSchemaRegistry): SchemaRegistry {
  const asked = (schema: string) => ({ type: 'AVRO', schema }) as never; // typed by an enum of theirs
  return {
    async schemaOf(id) {
      const schema = await orNull(client.getSchema(id));
      return isAvroType(schema) ? JSON.stringify(schema.schema({ exportAttrs: true })) : null;
    },
    idOf: (subject, schema) => orNull(client.getRegistryIdBySchema(subject, asked(schema))),
    async register(subject, schema) {
      return (await client.register(asked(schema), { subject })).id;
    },
  };
}

/** The client throws for what the registry does not have, in one of two ways. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isNotFound =
      ('status' in error && error.status === 404) || error.name === 'ConfluentSchemaRegistryError';
    if (isNotFound) return null;
    throw error;
  }
}

function isAvroType(schema: unknown): schema is AvroType {
  return (
    typeof schema === 'object' && schema !== null && 'schema' in schema && 'typeName' in schema
  );
}
