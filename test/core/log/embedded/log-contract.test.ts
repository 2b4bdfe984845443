import { embedded } from '../../../../src/core/log/embedded/embedded.ts';
import { logContract } from '../../../contracts/log.contract.ts';
import { temporaryDirectory } from '../../../support/log-fixture.ts';

logContract('embedded, in memory', () => embedded());
logContract('embedded, in a directory', () => embedded({ directory: temporaryDirectory() }));
logContract('embedded, in a directory, with no room for a cache', () =>
  embedded({ directory: temporaryDirectory(), maxCacheBytes: 1 }),
);
