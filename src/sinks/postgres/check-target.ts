import { SinkError } from '../../core/model/errors.ts';
import type { Column } from './columns.ts';
import type { PgClient, PgRow } from './pg-client.ts';
import type { Statements, Target } from './statements.ts';

/** Refuses a table that would lose rows, change them, or refuse all of them. */
export async function checkTarget(
  client: PgClient,
  { columns }: Target,
  statements: Statements,
  where: string,
): Promise<void> {
  const { rows } = await client.query(catalogue, [statements.targetName]);
  const [first] = rows;
  if (first === undefined) {
    const message = `it does not exist; create it, or set 'createTable': ${statements.createTarget}`;
    throw new SinkError('fatal', 'SINK_SCHEMA', `${where}: ${message}.`);
  }
  const weakness = weaknessOf(first);
  if (weakness !== null) {
    const message = `${where}: ${weakness}, so what was acknowledged may be lost.`;
    throw new SinkError('fatal', 'SINK_DURABILITY', message);
  }
  const differences = differencesOf(columns, rows);
  if (differences.length > 0) {
    const message = `${where}: it does not fit the rows: ${differences.join('; ')}.`;
    throw new SinkError('fatal', 'SINK_SCHEMA', message);
  }
}

/** A row for each column of the table, and one for a table without any. */
const catalogue = `SELECT a.attname AS name, a.attnotnull OR coalesce(t.typnotnull, false) AS "isRequired",
a.atthasdef OR a.attidentity <> '' AS "isFilled",
format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL) AS type,
c.relpersistence AS persistence, current_setting('fsync') AS fsync,
current_setting('synchronous_commit') AS "synchronousCommit",
current_setting('synchronous_standby_names') AS standbys
FROM pg_class c
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
WHERE c.oid = to_regclass($1)`;

function weaknessOf({ persistence, fsync, synchronousCommit, standbys }: PgRow): string | null {
  // Emptied by recovery, while the progress stays.
  if (persistence === 'u') return 'the table is UNLOGGED';
  if (persistence === 't') return 'the table is temporary';
  if (fsync === 'off') return 'fsync is off';
  if (synchronousCommit === 'off') return 'synchronous_commit is off';
  if (synchronousCommit === 'local' && standbys !== '') {
    return 'synchronous_commit is local although synchronous_standby_names asks for standbys';
  }
  return null;
}

function differencesOf(columns: readonly Column[], rows: readonly PgRow[]): readonly string[] {
  const found = new Map(rows.map((row) => [row.name, row]));
  const wrong = columns.flatMap((column) => {
    const row = found.get(column.name);
    found.delete(column.name);
    if (row === undefined) return [`it has no column "${column.name}"`];
    if (!column.fits.includes(String(row.type))) {
      return [`"${column.name}" is of type ${String(row.type)}, not ${column.type}`];
    }
    const isTooStrict = row.isRequired === true && column.isNullable;
    return isTooStrict ? [`"${column.name}" is NOT NULL, but ${column.type}? may be null`] : [];
  });
  const unfilled = [...found.values()].filter((row) => row.isRequired && !row.isFilled);
  const missing = unfilled.map(
    ({ name }) => `its column "${String(name)}" is NOT NULL without a default`,
  );
  return [...wrong, ...missing];
}
