/** What the Avro serde needs of a schema registry. Schemas are Avro schemas as JSON text. */
export interface SchemaRegistry {
  /**
   * The schema with this id; null: there is none, or it is none of Avro.
   *
   * @throws {SerdeError} `REGISTRY_UNAVAILABLE`; whatever it throws counts as that.
   */
  schemaOf(id: number): Promise<string | null>;
  /** The id under which the subject has the schema; null: it does not have it. */
  idOf(subject: string, schema: string): Promise<number | null>;
  /** Registers the schema as the subject's latest, if it is not there yet, and answers its id. */
  register(subject: string, schema: string): Promise<number>;
}
