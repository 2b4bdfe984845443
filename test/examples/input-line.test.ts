import { describe, expect, it } from 'vitest';
import { parseLogTime } from '../../examples/view-counts/access-log.ts';
import { parseInputLine } from '../../examples/view-counts/input-line.ts';

const agent = '"-" "Mozilla/5.0"';
const at = '[17/May/2015:10:05:03 +0000]';
const timestamp = Date.UTC(2015, 4, 17, 10, 5, 3);

describe('a line of an access log', () => {
  it.each([
    [`1.2.3.0 - - ${at} "GET /a?b=1 HTTP/1.1" 200 12 ${agent}`, '/a'],
    [`1.2.3.0 - - ${at} "GET /a HTTP/1.1" 206 - ${agent}`, '/a'],
    [`1.2.3.0 - user name ${at} "GET /a HTTP/1.1" 304 0 "http://x/\\"y\\"" "a [b] c"`, '/a'],
    [`::1 - - ${at} "GET /a%20b HTTP/2.0" 299 12 ${agent}\r`, '/a%20b'],
  ])('is a view if it is a GET answered 2xx or 304: %s', (line, page) => {
    expect(parseInputLine(line)).toEqual({ kind: 'view', page, timestamp });
  });

  it.each([
    `1.2.3.0 - - ${at} "POST /a HTTP/1.1" 200 12 ${agent}`,
    `1.2.3.0 - - ${at} "HEAD /a HTTP/1.1" 200 12 ${agent}`,
    `1.2.3.0 - - ${at} "GET /a HTTP/1.1" 301 12 ${agent}`,
    `1.2.3.0 - - ${at} "GET /a HTTP/1.1" 404 12 ${agent}`,
  ])('is no view otherwise: %s', (line) => {
    expect(parseInputLine(line)).toEqual({ kind: 'other' });
  });

  it.each([
    'anything else',
    `1.2.3.0 - - ${at} "GET /a HTTP/1.1" 200 12 "-" "no end`,
    `1.2.3.0 - - [yesterday] "GET /a HTTP/1.1" 200 12 ${agent}`,
    `1.2.3.0 - - ${at} "" 200 12 ${agent}`,
  ])('is unreadable if its form is another: %s', (line) => {
    expect(parseInputLine(line)).toEqual({ kind: 'unreadable' });
  });

  it('has its time in the zone it names', () => {
    expect(parseLogTime('17/May/2015:10:05:03 +0200')).toBe(timestamp - 2 * 3_600_000);
    expect(parseLogTime('17/May/2015:10:05:03 -0330')).toBe(timestamp + 3.5 * 3_600_000);
    expect(parseLogTime('17/Mai/2015:10:05:03 +0000')).toBeNull();
  });
});

describe('a JSON line', () => {
  it.each([
    [{ page: '/a', timestamp }, '/a'],
    [{ path: '/a?q=1', time: '2015-05-17T10:05:03Z', method: 'GET', status: 200 }, '/a'],
    [{ request_uri: '/a', msec: '1431857103.000', request_method: 'GET', status: '304' }, '/a'],
  ])('is a view if it has a page and a time: %j', (fields, page) => {
    expect(parseInputLine(JSON.stringify(fields))).toEqual({ kind: 'view', page, timestamp });
  });

  it('is no view if its method or status says so', () => {
    const post = { page: '/a', timestamp, method: 'POST' };
    const missing = { page: '/a', timestamp, status: 404 };
    expect(parseInputLine(JSON.stringify(post))).toEqual({ kind: 'other' });
    expect(parseInputLine(JSON.stringify(missing))).toEqual({ kind: 'other' });
  });

  it.each([
    '{"page":',
    '{"page":"/a"}',
    '{"page":7,"timestamp":1}',
    '{"timestamp":1}',
    '{"page":"/a","timestamp":-1}',
    '{"page":"/a","timestamp":"soon"}',
  ])('is unreadable without them: %s', (line) => {
    expect(parseInputLine(line)).toEqual({ kind: 'unreadable' });
  });
});
