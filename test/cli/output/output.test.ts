import { describe, expect, it } from 'vitest';
import { createOutput } from '../../../src/cli/output/create-output.ts';
import { jsonLine, jsonOf } from '../../../src/cli/output/json-line.ts';
import type { LogEvent, LogLevel } from '../../../src/cli/output/output.ts';
import { errorText, textLine } from '../../../src/cli/output/text-line.ts';
import { LogError, ProcessingError } from '../../../src/index.ts';

const event = (message: string, fields: LogEvent['fields'] = {}): LogEvent => {
  return { timeMs: 1_000, level: 'warn', source: 'worker 2', message, fields };
};
const head = '1970-01-01T00:00:01.000Z WARN worker 2: ';
const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

describe('a line of text', () => {
  it('holds time, level, who says it, the message and its fields', () => {
    const line = textLine(event('late', { topic: 'a b', offset: 7n, place: { n: 1 }, none: null }));
    expect(line).toBe(`${head}late topic="a b" offset="7" place={"n":1} none=null`);
  });

  it('is one line, whatever it is told', () => {
    const fields = { text: 'a\nb', error: new LogError('fatal', 'LOG_IO', 'c\nd') };
    expect(textLine(event('two\n  lines', fields))).toBe(
      `${head}two | lines text="a\\nb" error="LOG_IO: c\\nd"`,
    );
  });

  it('is written also where a field cannot be', () => {
    expect(textLine(event('m', { cyclic, nothing: undefined }))).toBe(
      `${head}m cyclic="[object Object]" nothing="undefined"`,
    );
  });
});

describe('a line of JSON', () => {
  it('is an object with the fields beside the rest', () => {
    expect(JSON.parse(jsonLine(event('late', { topic: 'a', level: 'mine' })))).toEqual({
      time: '1970-01-01T00:00:01.000Z',
      level: 'warn',
      source: 'worker 2',
      message: 'late',
      topic: 'a',
    });
  });

  it('has errors with their causes', () => {
    const error = new LogError('fatal', 'LOG_IO', 'x', { cause: new Error('y') });
    expect(JSON.parse(jsonOf({ error }))).toMatchObject({
      error: { name: 'LogError', code: 'LOG_IO', message: 'x', cause: { message: 'y' } },
    });
  });

  it('is written also where a field cannot be', () => {
    expect(JSON.parse(jsonLine(event('m', { cyclic })))).toMatchObject({ message: 'm' });
  });
});

describe('the text of an error', () => {
  it('names the code, and shows where the application threw', () => {
    const cause = new TypeError('mine');
    const text = errorText(new ProcessingError('PROCESSING', 'A callback threw.', { cause }));
    expect(text).toContain('PROCESSING: A callback threw.\nCaused by: TypeError: mine\n');
    expect(text).toContain('output.test.ts');
  });

  it('ends, also where errors cause each other', () => {
    const error = new Error('a');
    error.cause = error;
    expect(errorText(error).match(/Caused by/g)).toBeNull();
  });
});

describe('the output', () => {
  const outputOf = (level: LogLevel, format: 'text' | 'json' = 'text') => {
    const out: string[] = [];
    const log: string[] = [];
    const streams = {
      out: (text: string) => void out.push(text),
      log: (text: string) => void log.push(text),
    };
    return { output: createOutput({ level, format }, 'worker 1', streams), out, log };
  };

  it('holds the levels from the one that was asked for', () => {
    const { output, log } = outputOf('warn');
    for (const level of ['debug', 'info', 'warn', 'error'] as const) output.logger[level](level);
    expect(log.map((line) => line.split(' ')[1])).toEqual(['WARN', 'ERROR']);
  });

  it('announces on the one side and logs on the other', () => {
    const { output, out, log } = outputOf('info');
    output.announce('worker 1 is running');
    output.fail('It has failed.', new LogError('fatal', 'LOG_IO', 'no\nspace'));
    expect(out).toEqual(['worker 1 is running\n']);
    expect(log[0]).toMatch(/ERROR worker 1: It has failed\.\n$/);
    expect(log[1]).toBe('  LOG_IO: no\n  space\n');
  });

  it('is one object per line where it is JSON', () => {
    const { output, log } = outputOf('info', 'json');
    output.fail('It has failed.', new LogError('fatal', 'LOG_IO', 'no\nspace'));
    expect(log).toHaveLength(1);
    expect(log[0]?.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(log[0] ?? '')).toMatchObject({ error: { code: 'LOG_IO' } });
  });
});
