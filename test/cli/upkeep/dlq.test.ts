import { beforeEach, describe, expect, it } from 'vitest';
import { noHeaders, produce, readCommitted, string } from '../../../src/index.ts';
import { Workplace } from './upkeep-fixture.ts';

const texts = { key: string(), value: string() };
const mended = { mended: 'yes' };

let place: Workplace;

beforeEach(() => {
  place = new Workplace('flaky.mjs');
});

const recordsIn = (topic: string) => place.onLog((log) => readCommitted(log, topic, texts));
const valuesIn = async (topic: string) => (await recordsIn(topic)).map(({ value }) => value);

/** Sends words under one key, so that they lie in one partition. */
async function sendWords(...words: readonly string[]): Promise<void> {
  const headers = noHeaders.with('trace', '7');
  const records = words.map((value, timestamp) => ({ key: 'k', value, timestamp, headers }));
  await place.onLog((log) => produce(log, 'words', texts, records));
}

async function fail(...words: readonly string[]): Promise<void> {
  await sendWords(...words);
  await place.runWith([]);
}

/** Where the dead letters of the key lie. */
async function partition(): Promise<string> {
  const { said } = await place.millrace('dlq');
  return /from (\d+):/.exec(said[1] ?? '')?.[1] ?? '';
}

describe('dead letters', () => {
  it('are counted by error, node and topic', async () => {
    await fail('boom', 'fine', 'boom');
    const at = await partition();
    const { code, said } = await place.millrace('dlq');
    expect(code).toBe(0);
    expect(said).toEqual([
      "2 dead letters in 'dead'",
      `  2 PROCESSING at 'texts' of 'words', from ${at}:0 to ${at}:1`,
    ]);
    expect((await place.millrace('dlq', '--node', 'another')).said).toEqual([
      "0 dead letters in 'dead'",
    ]);
  });

  it('are shown with where and why, and their payload when that is asked for', async () => {
    await fail('boom');
    const place0 = `${await partition()}:0`;
    const { said } = await place.dlq('show', '--at', place0);
    expect(said).toContain('  code: PROCESSING');
    expect(said).toContain('  node: texts');
    expect(said).toContain('  topic: words');
    expect(said.join()).toContain('too loud');
    expect(said).toContain('  headers: trace');
    expect(said).toContain('  value: 4 bytes');
    const text = await place.dlq('show', '--at', place0, '--payload', 'text');
    expect(text.said).toContain('  value: "boom"');
    const hex = await place.dlq('show', '--at', place0, '--payload', 'hex');
    expect(hex.said).toContain('  value: 626f6f6d');
    expect((await place.dlq('show', '--at', '0:99')).code).toBe(1);
  });

  it('go back to where they came from as they were, once', async () => {
    await fail('boom', 'fine');
    expect((await place.dlq('replay')).said).toEqual(["1 records were sent back to 'words'"]);
    const [, , back] = await recordsIn('words');
    expect(back).toMatchObject({ key: 'k', value: 'boom', timestamp: 0 });
    expect(back?.headers.entries().map(([name]) => name)).toEqual(['trace']);
    await place.runWith([], mended);
    expect(await valuesIn('texts-out')).toEqual(['fine;', 'fine;boom;']);
    expect((await place.dlq('replay')).said).toEqual([
      'No records were sent back.',
      '1 were replayed before: --again sends them once more',
    ]);
    expect((await place.dlq('replay', '--again')).said[0]).toContain('1 records were sent');
    expect(await valuesIn('words')).toEqual(['boom', 'fine', 'boom', 'boom']);
  });

  it('are replayed by filter, and the others later', async () => {
    await fail('boom', 'bang', 'boom', 'bang', 'boom');
    const at = await partition();
    const some = ['--from', `${at}:1`, '--to', `${at}:3`];
    expect((await place.dlq('replay', ...some)).said).toEqual([
      "2 records were sent back to 'words'",
    ]);
    expect((await valuesIn('words')).slice(5)).toEqual(['bang', 'boom']);
    expect((await place.dlq('replay', '--code', 'OVERFLOW')).said[0]).toContain('No records');
    expect((await place.dlq('replay')).said[0]).toContain('3 records were sent');
    expect((await valuesIn('words')).slice(7)).toEqual(['boom', 'bang', 'boom']);
    expect((await place.dlq('replay')).said[0]).toContain('No records');
  });

  it('stay where they are in a dry run', async () => {
    await fail('boom');
    const { said } = await place.dlq('replay', '--dry-run');
    expect(said).toEqual(["1 records would be sent back to 'words'"]);
    expect(await valuesIn('words')).toEqual(['boom']);
    const topics = await place.onLog((log) => log.admin.listTopics());
    expect(topics).not.toContain('dead-replayed');
  });

  it('that fail again after a replay are new ones', async () => {
    await fail('boom');
    await place.dlq('replay');
    await place.runWith([]);
    expect((await place.millrace('dlq')).said[0]).toBe("2 dead letters in 'dead'");
    expect((await place.dlq('replay')).said[0]).toContain('1 records were sent');
  });

  it('without a way back are told and left', async () => {
    const records = [{ key: 'k', value: 'v', timestamp: 0 }];
    await place.onLog((log) => produce(log, 'dead', texts, records));
    const { said } = await place.dlq('replay');
    expect(said[1]).toMatch(/^1 stay where they are: it is no record of a topic/);
  });

  it('are found by the name of their topic; one that is not there is not made', async () => {
    await fail('boom');
    expect((await place.dlqOf('dead', 'list')).said[0]).toBe("1 dead letters in 'dead'");
    const missing = await place.dlqOf('daed', 'list');
    expect(missing.failure).toBe('TOPIC_MISSING');
    expect(await place.onLog((log) => log.admin.listTopics())).not.toContain('daed');
  });
});
