import { expect, it } from 'vitest';
import type { ApplicationOptions } from '../../src/cli/application.ts';
import type { RunOverrides } from '../../src/cli/arguments.ts';
import { workerOptions } from '../../src/cli/worker-options.ts';
import { silentLogger } from '../../src/core/runtime/logger.ts';
import { embedded } from '../../src/index.ts';

const log = embedded();

function options(
  overrides: RunOverrides,
  application: ApplicationOptions = {},
  workerIndex: number | null = null,
) {
  return workerOptions({ overrides, workerIndex }, application, { log, logger: silentLogger });
}

it('the command line stands above the application', () => {
  const application = { stateDir: 'a', guarantee: 'at-least-once', maxDirtyBytes: 5 } as const;
  expect(options({ stateDir: 'b' }, application)).toEqual({
    log,
    logger: silentLogger,
    stateDir: 'b',
    guarantee: 'at-least-once',
    maxDirtyBytes: 5,
  });
});

it('the logger of an application stands above that of the command', () => {
  const logger = { ...silentLogger };
  expect(options({}, { logger }).logger).toBe(logger);
});

it('each worker of a supervisor has its own instance id, from wherever the name is', () => {
  expect(options({ instanceId: 'blue' }).instanceId).toBe('blue');
  expect(options({ instanceId: 'blue' }, {}, 2).instanceId).toBe('blue-2');
  expect(options({}, { instanceId: 'red' }, 3).instanceId).toBe('red-3');
  expect(options({}, {}, 3).instanceId).toBeUndefined();
});

it('heartbeats follow a short session time-out, unless they are set', () => {
  expect(options({ sessionTimeout: 6_000 }).heartbeatInterval).toBe(2_000);
  expect(options({ sessionTimeout: 60_000 }).heartbeatInterval).toBe(3_000);
  expect(options({}, { sessionTimeout: '3s' }).heartbeatInterval).toBe(1_000);
  const application = { heartbeatInterval: '1s' } as const;
  expect(options({ sessionTimeout: 6_000 }, application).heartbeatInterval).toBe('1s');
  expect(options({}).heartbeatInterval).toBeUndefined();
});
