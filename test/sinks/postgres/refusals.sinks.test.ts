import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { postgres } from '../../../src/sinks/postgres.ts';
import { deliveryPlace } from '../support/delivery-place.ts';
import { hasPostgres, onPostgres } from '../support/on-postgres.ts';
import { batchOf, failureOf, opened, type View, viewsSink } from './views.ts';

const refused = { outcome: 'refused', code: 'SINK_ROW_REFUSED' };
const schema = { outcome: 'fatal', code: 'SINK_SCHEMA' };
const denied = { outcome: 'fatal', code: 'SINK_DENIED' };
const durability = { outcome: 'fatal', code: 'SINK_DURABILITY' };
const views = 'CREATE TABLE views (page text NOT NULL, views bigint, at timestamptz, country text)';

describe.skipIf(!hasPostgres)('a row that the table refuses', () => {
  const on = onPostgres();
  const good: View = { page: '/', views: 1 };
  const bad: Readonly<Record<string, View>> = {
    'a null where none may be': { page: null as unknown as string, views: 1 },
    'a number out of range': { page: '/', views: 1e30 },
    'a number that is none': { page: '/', views: NaN },
    'a text with a zero byte': { page: 'a\0b', views: 1 },
    'half a character': { page: 'a\ud800', views: 1 },
    'a constraint': { page: '/forbidden', views: 1 },
    'a trigger': { page: '/trigger', views: 1 },
    'a unique index': { page: '/twice', views: 1 },
    'a text too long for the index': { page: randomText(20_000), views: 1 },
    'a constraint that is checked at COMMIT': { page: '/late', views: 1 },
  };

  it.each(Object.entries(bad))('for %s: undoes the batch and says so', async (_, row) => {
    await on.rows(`${views};
      ALTER TABLE views ADD CHECK (page <> '/forbidden');
      CREATE UNIQUE INDEX ON views (page) WHERE page <> '/';
      INSERT INTO views VALUES ('/twice', 0, NULL, NULL);
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'not %', NEW.page; END$$;
      CREATE TRIGGER early BEFORE INSERT ON views FOR EACH ROW
        WHEN (NEW.page = '/trigger') EXECUTE FUNCTION refuse();
      CREATE CONSTRAINT TRIGGER late AFTER INSERT ON views DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.page = '/late') EXECUTE FUNCTION refuse()`);
    const { delivery } = await opened(viewsSink(on.url), 1);
    const failure = await failureOf(delivery.apply(batchOf(0, [good, row, good])));
    expect(failure).toMatchObject(refused);
    // The same connection takes the parts.
    expect(await delivery.apply(batchOf(0, [good]))).toBe('applied');
    expect(await failureOf(delivery.apply(batchOf(1, [row])))).toMatchObject(refused);
    expect(await delivery.apply({ ...batchOf(1, []), to: 2 })).toBe('applied');
    expect(await delivery.apply(batchOf(2, [good]))).toBe('applied');
    expect(await on.rows("SELECT page FROM views WHERE page <> '/twice'")).toHaveLength(2);
    await delivery.close();
  });
});

describe.skipIf(!hasPostgres)('a table that is altered between two batches', () => {
  const on = onPostgres();
  const delivering = async () => {
    await on.rows(views);
    const { delivery } = await opened(viewsSink(on.url), 1);
    expect(await delivery.apply(batchOf(0, [{ page: '/', views: 70_000 }]))).toBe('applied');
    return delivery;
  };

  it.each([
    // What PostgreSQL would do without a word.
    'ALTER at TYPE date',
    'ALTER at TYPE timestamp',
    'ALTER views TYPE double precision',
    // What it would refuse row by row.
    'ALTER views TYPE smallint USING 1',
    'ALTER page TYPE integer USING 1',
    "ADD added text NOT NULL DEFAULT ''; ALTER TABLE views ALTER added DROP DEFAULT",
  ])('gets no row: %s', async (change) => {
    const delivery = await delivering();
    await on.rows(`ALTER TABLE views ${change}`);
    const next = batchOf(1, [{ page: '/', views: 70_000 }]);
    expect(await failureOf(delivery.apply(next))).toMatchObject(schema);
    expect(await on.rows('SELECT page FROM views')).toHaveLength(1);
    await delivery.close();
  });

  it('and takes every row all the same gets the next', async () => {
    const delivery = await delivering();
    await on.rows('ALTER TABLE views ALTER views TYPE numeric, ADD added int DEFAULT 1');
    expect(await delivery.apply(batchOf(1, [{ page: '/', views: 2 }]))).toBe('applied');
    await delivery.close();
  });
});

describe.skipIf(!hasPostgres)('opening a delivery', () => {
  const on = onPostgres();
  const problem = (options: Parameters<typeof viewsSink>[1] = {}, url = on.url) =>
    failureOf(opened(viewsSink(url, { createTable: false, ...options }), 1));

  it('names all that differs between table and rows', async () => {
    await on.rows(`CREATE TABLE views (page int, views bigint NOT NULL,
      at timestamptz(0), country text NOT NULL, added text NOT NULL, counted serial)`);
    const failure = await problem();
    expect(failure).toMatchObject(schema);
    expect(failure.message).toBe(
      `Sink 'views', partition 0, table "public"."views": it does not fit the rows: ` +
        '"page" is of type integer, not text; "country" is NOT NULL, but text? may be null; ' +
        'its column "added" is NOT NULL without a default.',
    );
    await on.rows('DROP TABLE views; CREATE TABLE views (page varchar(9), at timestamptz)');
    expect((await problem()).message).toContain('it has no column "views"; it has no column');
  });

  it('says how to create a table that is not there', async () => {
    const failure = await problem({ key: ['page'] });
    expect(failure).toMatchObject(schema);
    expect(failure.message).toContain(
      'CREATE TABLE IF NOT EXISTS "public"."views" ("page" text NOT NULL, "views" bigint NOT NULL,' +
        ' "at" timestamptz NOT NULL, "country" text, PRIMARY KEY ("page"))',
    );
    expect(await problem({ schema: 'nowhere' })).toMatchObject(schema);
  });

  it('wants a unique index for the key', async () => {
    await on.rows(views);
    expect(await problem({ key: ['page'] })).toMatchObject(schema);
    await on.rows('CREATE UNIQUE INDEX ON views (page)');
    const { delivery } = await opened(viewsSink(on.url, { key: ['page'] }), 1);
    await delivery.close();
  });

  it('refuses what may lose rows that it has acknowledged', async () => {
    await on.rows(views.replace('TABLE', 'UNLOGGED TABLE'));
    expect(await problem()).toMatchObject(durability);
    await on.rows('ALTER TABLE views SET LOGGED');
    const name = new URL(on.url).pathname.slice(1);
    await on.rows(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    const off = await problem();
    expect(off).toMatchObject(durability);
    expect(off.message).toContain('synchronous_commit is off');
    await on.rows(`ALTER DATABASE ${name} SET synchronous_commit = local`);
    const { delivery } = await opened(viewsSink(on.url), 1);
    await delivery.close();
  });

  it('refuses fsync = off, and synchronous_commit = local beside standbys', async () => {
    await on.rows(views);
    const name = new URL(on.url).pathname.slice(1);
    await on.rows(`ALTER DATABASE ${name} SET synchronous_commit = local`);
    const set = async (...texts: readonly string[]) => {
      for (const text of [...texts, 'SELECT pg_reload_conf()']) await on.server.run(text);
    };
    await set("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    const local = await problem();
    await set('ALTER SYSTEM RESET synchronous_standby_names', 'ALTER SYSTEM SET fsync = off');
    const fsync = await problem();
    await set('ALTER SYSTEM RESET fsync');
    expect(local.message).toContain('synchronous_standby_names');
    expect(fsync.message).toContain('fsync is off');
    expect([local, fsync]).toMatchObject([durability, durability]);
  });

  it('says which right is missing, and works with those it needs', async () => {
    await on.server.run('DO $$BEGIN CREATE ROLE app LOGIN; EXCEPTION WHEN OTHERS THEN END$$');
    await on.rows(views);
    const url = on.url.replace('test@', 'app@');
    const create = await problem({}, url);
    expect(create).toMatchObject(denied);
    const { delivery } = await opened(viewsSink(on.url), 1);
    await delivery.close();
    await on.rows('GRANT SELECT, INSERT, UPDATE ON millrace_progress TO app');
    const insert = await problem({}, url);
    expect(insert).toMatchObject(denied);
    expect(insert.message).toContain('permission denied for table views');
    await on.rows('GRANT INSERT ON views TO app');
    const again = await opened(viewsSink(url), 1);
    expect(await again.delivery.apply(batchOf(0, [{ page: '/', views: 1 }]))).toBe('applied');
    await again.delivery.close();
  });

  it('with a wrong password is denied, and no password is in the error', async () => {
    await on.server.run(
      "DROP ROLE IF EXISTS locked; CREATE ROLE locked LOGIN PASSWORD 'right-one'",
    );
    const { port } = on.server;
    const columns = { page: 'text' } as const;
    const base = { name: 'views', table: 'views', columns };
    const wrong = 'wrong-secret';
    const addresses = [
      `postgres://locked:${wrong}@127.0.0.1:${port}/postgres`,
      { host: '127.0.0.1', port, user: 'locked', password: wrong, database: 'postgres' },
      { host: '127.0.0.1', port, user: 'locked', password: () => '', database: 'postgres' },
    ];
    for (const connection of addresses) {
      const sink = postgres({ ...base, connection });
      const failure = await failureOf(
        Promise.resolve(sink.connect(deliveryPlace()).open(AbortSignal.any([]))),
      );
      expect(failure).toMatchObject(denied);
      expect(inspect([failure, sink], { depth: 20, showHidden: true })).not.toContain(wrong);
    }
  });
});

/** Of which little can be compressed. */
function randomText(length: number): string {
  let state = 1;
  let text = '';
  while (text.length < length) {
    state = (state * 48_271) % 2_147_483_647;
    text += state.toString(36);
  }
  return text;
}
