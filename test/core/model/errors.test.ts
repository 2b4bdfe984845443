import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../../src/core/model/error-codes.ts';
import {
  ConfigError,
  LogError,
  MillraceError,
  TopologyError,
} from '../../../src/core/model/errors.ts';
import { invariant } from '../../../src/core/model/invariant.ts';
import { thrownBy } from '../../support/thrown.ts';

describe('errors', () => {
  it('carry code, place and cause, and are named after their class', () => {
    const cause = new Error('disk');
    const where = { topic: 'events', partition: 3, offset: 7 };
    const error = new ConfigError('BAD_OPTION', 'No.', { where, cause });
    expect(error).toBeInstanceOf(MillraceError);
    expect(error).toMatchObject({ name: 'ConfigError', code: 'BAD_OPTION', where, message: 'No.' });
    expect(error.cause).toBe(cause);
  });

  it('have no cause where none was given', () => {
    expect('cause' in new ConfigError('BAD_OPTION', 'No.')).toBe(false);
  });

  it('of the log tell what may be done about them', () => {
    expect(new LogError('fenced', 'PRODUCER_FENCED', 'Gone.').errorClass).toBe('fenced');
  });

  it('of a topology list all problems and take code and node of the first', () => {
    const error = new TopologyError([
      { code: 'BAD_NAME', node: 'a b', message: 'one' },
      { code: 'DUPLICATE_NAME', message: 'two' },
    ]);
    expect(error.code).toBe('BAD_NAME');
    expect(error.where).toEqual({ node: 'a b' });
    expect(error.message).toContain('BAD_NAME: one');
    expect(error.message).toContain('DUPLICATE_NAME: two');
  });

  it('an invariant that fails is a defect with its own code', () => {
    expect(() => invariant(true, 'fine')).not.toThrow();
    expect(thrownBy(() => invariant(null, 'broken'))).toMatchObject({
      code: 'INVARIANT',
      message: 'broken',
    });
  });

  it('every code has a meaning and a remedy, as sentences', () => {
    for (const { meaning, remedy } of Object.values(errorCodes)) {
      expect(meaning).toMatch(/^[A-Z`].*\.$/);
      expect(remedy).toMatch(/^[A-Z`].*[.`]$/);
    }
  });
});
