/** A name of a database, a table or a column as it stands in a query. */
export function quotedName(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

export interface TableName {
  readonly database: string;
  readonly table: string;
}

export function quotedTable({ database, table }: TableName): string {
  return `${quotedName(database)}.${quotedName(table)}`;
}
