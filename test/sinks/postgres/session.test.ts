import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PgClient, PgResult } from '../../../src/sinks/postgres/pg-client.ts';
import { createSession } from '../../../src/sinks/postgres/session.ts';
import { postgres } from '../../../src/sinks/postgres.ts';

const signal = new AbortController().signal;
const refused = Object.assign(new pg.DatabaseError('null', 4, 'error'), {
  code: '23502',
  severity: 'ERROR',
});

/** A server that answers each text with its last command, unless it is told otherwise. */
function scriptedSession(answers: Readonly<Record<string, string | Error>> = {}) {
  const sent: string[] = [];
  const client: PgClient = {
    async query(text): Promise<PgResult> {
      const last = text.split('; ').at(-1) ?? '';
      sent.push(text.split(/ |;/)[0] === 'SET' ? last : (text.split(' ')[0] ?? ''));
      const answer = await Promise.resolve(answers[last] ?? last);
      if (answer instanceof Error) throw answer;
      return { command: answer, rows: [] };
    },
    destroy: () => sent.push('destroyed'),
  };
  const open = () => Promise.resolve(client);
  const options = { open, clientName: 'test', where: 'the sink', attemptTimeoutMs: 1000 };
  return { session: createSession(options), sent };
}

describe('a transaction', () => {
  it('is done once COMMIT is answered with COMMIT', async () => {
    const { session, sent } = scriptedSession();
    await session.connect(signal);
    expect(await session.transaction(signal, () => Promise.resolve('done'))).toBe('done');
    expect(sent).toEqual(['BEGIN', 'COMMIT']);
  });

  it('that COMMIT has rolled back is not done', async () => {
    const { session, sent } = scriptedSession({ COMMIT: 'ROLLBACK' });
    await session.connect(signal);
    const work = session.transaction(signal, () => Promise.resolve('done'));
    await expect(work).rejects.toMatchObject({ outcome: 'unknown', code: 'SINK_UNAVAILABLE' });
    expect(sent).toEqual(['BEGIN', 'COMMIT', 'destroyed']);
  });

  it('whose work is refused is rolled back, and the connection stays', async () => {
    const { session, sent } = scriptedSession();
    await session.connect(signal);
    const work = session.transaction(signal, () => Promise.reject(refused));
    await expect(work).rejects.toMatchObject({ outcome: 'refused' });
    expect(await session.transaction(signal, () => Promise.resolve('done'))).toBe('done');
    expect(sent).toEqual(['BEGIN', 'ROLLBACK', 'BEGIN', 'COMMIT']);
  });

  it('that cannot be rolled back takes the connection with it', async () => {
    const { session, sent } = scriptedSession({ ROLLBACK: new Error('gone') });
    await session.connect(signal);
    const work = session.transaction(signal, () => Promise.reject(refused));
    await expect(work).rejects.toMatchObject({ outcome: 'refused' });
    const next = session.transaction(signal, () => Promise.resolve('done'));
    await expect(next).rejects.toMatchObject({ outcome: 'unknown', code: 'SINK_UNAVAILABLE' });
    expect(sent).toEqual(['BEGIN', 'ROLLBACK', 'destroyed']);
  });

  it('ends with its connection when the attempt is aborted', async () => {
    const { session, sent } = scriptedSession();
    await session.connect(signal);
    const abort = new AbortController();
    const work = session.transaction(abort.signal, () => {
      abort.abort();
      return Promise.reject(new Error('Connection terminated'));
    });
    await expect(work).rejects.toMatchObject({ outcome: 'unknown' });
    expect(sent).toEqual(['BEGIN', 'destroyed']);
  });
});

describe('without the package pg', () => {
  afterEach(() => {
    vi.doUnmock('pg');
    vi.resetModules();
  });

  it('a delivery says what to install', async () => {
    vi.doMock('pg', () => {
      throw new Error("Cannot find package 'pg'");
    });
    const sink = postgres({
      name: 'views',
      connection: 'postgres://localhost/web',
      table: 'views',
      columns: { page: 'text' },
    });
    const place = { application: 'a', sink: 'views', partition: 0, partitions: 1, source: 's' };
    const delivery = sink.connect({ ...place, epoch: 1, maxZombieMs: 1, minIntervalMs: 1 });
    await expect(delivery.open(signal)).rejects.toMatchObject({
      outcome: 'fatal',
      code: 'PACKAGE_MISSING',
      message: "The sink 'views' needs the package 'pg': npm install pg.",
    });
  });
});
