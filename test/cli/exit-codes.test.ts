import { expect, it } from 'vitest';
import { exitCodeOf, libraryCodeOf, UsageError } from '../../src/cli/exit-codes.ts';
import { ConfigError, LogError, TopologyError, WorkerError } from '../../src/index.ts';

const problem = (code: 'TOPIC_MISSING' | 'BAD_NAME') => new TopologyError([{ code, message: 'x' }]);

it.each([
  ['arguments', new UsageError('x'), 2],
  ['an option', new ConfigError('BAD_DURATION', 'x'), 2],
  ['an option that only the worker can judge', new WorkerError('BAD_OPTION', 'x'), 2],
  ['a topology', problem('BAD_NAME'), 2],
  ['a topic that may be made meanwhile', problem('TOPIC_MISSING'), 1],
  ['a broker', new LogError('retriable', 'BROKER_UNREACHABLE', 'x'), 1],
  ['an error of the application', new TypeError('x'), 1],
  ['what is no error', 'x', 1],
])('the exit code for %s', (_label, error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

it('an error of another copy of the library is known by its code', () => {
  const error = Object.assign(new Error('x'), { name: 'ConfigError', code: 'BAD_OPTION' });
  expect(libraryCodeOf(error)).toBe('BAD_OPTION');
  expect(exitCodeOf(error)).toBe(2);
});

it('codes of the system are none of the library', () => {
  expect(libraryCodeOf(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBeNull();
  expect(libraryCodeOf(Object.assign(new Error('x'), { code: 'toString' }))).toBeNull();
});
