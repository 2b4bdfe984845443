import pg from 'pg';
import { expect, it } from 'vitest';
import { SinkError } from '../../../src/core/model/errors.ts';
import { failureOf } from '../../../src/sinks/postgres/failure.ts';

function serverError(code: string): Error {
  const error = new pg.DatabaseError('what it says', 12, 'error');
  return Object.assign(error, { code, severity: 'ERROR' });
}

const states: Readonly<Record<string, readonly string[]>> = {
  'refused SINK_ROW_REFUSED': [
    '22003',
    '22P05',
    '23502',
    '23505',
    '42804',
    '54000',
    'P0001',
    'P0002',
    'P0004',
  ],
  'fatal SINK_DENIED': ['28000', '28P01', '42501'],
  'fatal SINK_SCHEMA': ['42P01', '42703', '42P10', '428C9', '3D000', '3F000'],
  'unknown SINK_UNAVAILABLE': [
    ...['40001', '40P01', '55P03', '57014', '57P01', '57P03', '08006', '53300', '25006', '25P03'],
    ...['XX000', '99999', 'MY001'],
  ],
};

const rows = Object.entries(states).flatMap(([verdict, codes]) =>
  codes.map((code) => ({ code, verdict })),
);

it.each(rows)('SQLSTATE $code is $verdict', ({ code, verdict }) => {
  const cause = serverError(code);
  const error = failureOf(cause, "Sink 'views'");
  expect(`${error.outcome} ${error.code}`).toBe(verdict);
  expect(error.message).toBe(`Sink 'views': what it says (SQLSTATE ${code})`);
  expect(error.cause).toBe(cause);
});

it('an error of the system is not known, though its code looks like a state', () => {
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  expect(failureOf(broken, 'a')).toMatchObject({ outcome: 'unknown', message: 'a: write EPIPE' });
  const both = new AggregateError([new Error('no ::1'), new Error('no 127.0.0.1')]);
  expect(failureOf(both, 'a').message).toBe('a: no ::1; no 127.0.0.1');
});

it('who cannot log in without a password is denied', () => {
  const error = new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string');
  expect(failureOf(error, 'a')).toMatchObject({ outcome: 'fatal', code: 'SINK_DENIED' });
});

it('what is known already stays as it is', () => {
  const error = new SinkError('fenced', 'SINK_FENCED', 'a newer owner');
  expect(failureOf(error, 'a')).toBe(error);
});
