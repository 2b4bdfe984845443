import { openOptions } from '../state/support.ts';
import { backendIn, temporaryRoot } from '../state/level-support.ts';
import { memoryBackend } from '../../src/state/memory/memory-backend.ts';
import { keyValueStoreLaws } from './key-value-store.contract.ts';
import { sessionStoreLaws } from './session-store.contract.ts';
import { stateLaws } from './state.contract.ts';
import { stateContract, type OpenState } from './state-subject.ts';
import { windowStoreLaws } from './window-store.contract.ts';

const onDisk = (verify: 'default' | 'open', maxCacheBytes: number): OpenState => {
  return () => backendIn(temporaryRoot(), { verify }).open({ ...openOptions, maxCacheBytes });
};

const implementations: Readonly<Record<string, OpenState>> = {
  memory: () => memoryBackend().open(openOptions),
  'memory, nothing cached': () => memoryBackend().open({ ...openOptions, maxCacheBytes: 0 }),
  LevelDB: onDisk('default', openOptions.maxCacheBytes),
  'LevelDB, nothing cached': onDisk('default', 0),
  'LevelDB, verified at open': onDisk('open', 0),
};

for (const [label, open] of Object.entries(implementations)) {
  stateContract(`state contract: ${label}`, stateLaws, open);
  stateContract(`key-value store contract: ${label}`, keyValueStoreLaws, open);
  stateContract(`window store contract: ${label}`, windowStoreLaws, open);
  stateContract(`session store contract: ${label}`, sessionStoreLaws, open);
}
