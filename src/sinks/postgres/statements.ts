import type { Column } from './columns.ts';

export interface Target {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly Column[];
  /** Empty: rows are inserted, whatever is there. */
  readonly key: readonly string[];
}

/** All texts that are sent; names are quoted, values are parameters. */
export interface Statements {
  /** `$1` the batch as one JSON array: PostgreSQL parses it, so nothing here has to. */
  readonly write: string;
  readonly createTarget: string;
  readonly createProgress: string;
  /** `$1` application, `$2` sink, `$3` source, `$4` epoch; no row: a higher epoch is there. */
  readonly register: string;
  /** `$1` application, `$2` sink, `$3` source: epoch and next, locked. */
  readonly lockProgress: string;
  /** `$1` application, `$2` sink, `$3` source, `$4` epoch, `$5` next. */
  readonly advance: string;
  /** As text that `to_regclass` takes. */
  readonly targetName: string;
  readonly progressName: string;
}

export const progressTable = 'millrace_progress';

export function statementsFor(target: Target): Statements {
  const targetName = `${quoted(target.schema)}.${quoted(target.table)}`;
  const progressName = `${quoted(target.schema)}.${quoted(progressTable)}`;
  const ofDelivery = 'WHERE application = $1 AND sink = $2 AND source = $3';
  return {
    write: target.key.length === 0 ? insert(targetName, target) : upsert(targetName, target),
    createTarget: createTarget(targetName, target),
    createProgress: createProgress(progressName),
    register: `INSERT INTO ${progressName} AS p (application, sink, source, epoch, next)
VALUES ($1, $2, $3, $4, 0)
ON CONFLICT (application, sink, source)
DO UPDATE SET epoch = excluded.epoch, updated_at = now() WHERE p.epoch <= excluded.epoch
RETURNING next`,
    lockProgress: `SELECT epoch, next FROM ${progressName} ${ofDelivery} FOR UPDATE`,
    advance: `UPDATE ${progressName} SET epoch = $4, next = $5, updated_at = now() ${ofDelivery}`,
    targetName,
    progressName,
  };
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function insert(name: string, { columns }: Target): string {
  return `INSERT INTO ${name} (${names(columns)})
SELECT ${columns.map(value).join(', ')}
FROM json_to_recordset($1::json) AS r (${carried(columns)})`;
}

/**
 * The last row of a key wins, as if each had been written alone. Rows are locked in the order of
 * the key, so that two deliveries wait for each other instead of both for ever.
 */
function upsert(name: string, { columns, key }: Target): string {
  const keyList = key.map(quoted).join(', ');
  const others = columns.filter((column) => !key.includes(column.name));
  const updates = others.map(
    (column) => `${quoted(column.name)} = excluded.${quoted(column.name)}`,
  );
  const action = updates.length === 0 ? 'DO NOTHING' : `DO UPDATE SET ${updates.join(', ')}`;
  return `INSERT INTO ${name} (${names(columns)})
SELECT DISTINCT ON (${keyList}) ${columns.map(value).join(', ')}
FROM ROWS FROM (json_to_recordset($1::json) AS (${carried(columns)}))
WITH ORDINALITY AS r (${names(columns)}, "millrace ordinal")
ORDER BY ${keyList}, "millrace ordinal" DESC
ON CONFLICT (${keyList}) ${action}`;
}

function createTarget(name: string, { columns, key }: Target): string {
  const lines = columns.map(
    ({ name: column, type, isNullable }) =>
      `${quoted(column)} ${type}${isNullable ? '' : ' NOT NULL'}`,
  );
  if (key.length > 0) lines.push(`PRIMARY KEY (${key.map(quoted).join(', ')})`);
  return `CREATE TABLE IF NOT EXISTS ${name} (${lines.join(', ')})`;
}

function createProgress(name: string): string {
  return `CREATE TABLE IF NOT EXISTS ${name} (
application text NOT NULL, sink text NOT NULL, source text NOT NULL,
epoch bigint NOT NULL, next bigint NOT NULL, updated_at timestamptz NOT NULL DEFAULT now(),
PRIMARY KEY (application, sink, source))`;
}

function names(columns: readonly Column[]): string {
  return columns.map(({ name }) => quoted(name)).join(', ');
}

function carried(columns: readonly Column[]): string {
  return columns
    .map((column) => `${quoted(column.name)} ${column.carried ?? column.type}`)
    .join(', ');
}

/**
 * Of a column as JSON carries it. Here milliseconds stay exact: in `to_timestamp` they do not, nor,
 * from the year 2255 on, as a multiple of one interval, which is a float of microseconds.
 */
function value({ name, type }: Column): string {
  const given = quoted(name);
  if (type !== 'timestamptz') return given;
  const days = `floor(${given} / 86400000)`;
  return `timestamptz 'epoch' + ${days} * interval '24 hours' + (${given} - ${days} * 86400000) * interval '1 millisecond'`;
}
