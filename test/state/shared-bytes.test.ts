import { expect, it } from 'vitest';
import { bytes } from '../../src/core/serde/bytes.ts';
import { string } from '../../src/core/serde/string.ts';
import { isPromise } from '../../src/core/model/maybe-promise.ts';
import { invariant } from '../../src/core/model/invariant.ts';
import { memoryBackend } from '../../src/state/memory/memory-backend.ts';
import { keyValueStore } from '../../src/state/store-definitions.ts';
import { openOptions } from './support.ts';

it('a row keeps a copy of a view, not the batch that the view is of', () => {
  const blobs = keyValueStore({ name: 'blobs', key: string(), value: bytes() });
  const state = memoryBackend().open({ ...openOptions, stores: [blobs], rawStores: [] });
  invariant(!isPromise(state), 'Memory answers at once.');
  const batch = Buffer.alloc(1_000_000, 7);
  const store = state.store(blobs);
  store.put('k', { value: batch.subarray(10, 20), timestamp: 1 });
  const kept = store.get('k')?.value;
  expect(kept).toEqual(Buffer.alloc(10, 7));
  expect(kept?.buffer.byteLength).toBeLessThan(10_000);
});
