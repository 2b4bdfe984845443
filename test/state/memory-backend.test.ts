import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryBackend } from '../../src/state/memory/memory-backend.ts';
import { propertyOptions } from '../support/property-options.ts';
import { compareWithModel, steps } from './state-model.ts';

it('agrees with a naive state, whatever is written, drained, forgotten and undone', async () => {
  const law = fc.asyncProperty(steps, (run) => compareWithModel(memoryBackend(), run));
  await expect(fc.assert(law, propertyOptions(500))).resolves.toBeUndefined();
});
