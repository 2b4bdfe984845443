import type { PgClient } from './pg-client.ts';
import type { Statements } from './statements.ts';

/**
 * Creates what is missing. IF NOT EXISTS alone fails when several do it at the same time, and asks
 * for the right to create even where nothing is missing.
 */
export async function createTables(
  client: PgClient,
  statements: Statements,
  createTable: boolean,
): Promise<void> {
  const { targetName, progressName } = statements;
  const missing = await client.query(
    'SELECT to_regclass($1) IS NULL AS target, to_regclass($2) IS NULL AS progress',
    [targetName, progressName],
  );
  const { target, progress } = missing.rows[0] ?? {};
  const texts = [
    ...(target === true && createTable ? [statements.createTarget] : []),
    ...(progress === true ? [statements.createProgress] : []),
  ];
  if (texts.length === 0) return;
  await client.query("SELECT pg_advisory_xact_lock(hashtext('millrace'))");
  for (const text of texts) await client.query(text);
}
