import { expect, it } from 'vitest';
import {
  decodeCommitMetadata,
  encodeCommitMetadata,
} from '../../../src/core/task/commit-metadata.ts';

it('commit metadata come back as they were written, with and without a transaction', () => {
  for (const transactionalId of [null, 'app-0a1b', 'a:b:c']) {
    const metadata = { commitNumber: 42, transactionalId };
    expect(decodeCommitMetadata(encodeCommitMetadata(metadata))).toEqual(metadata);
  }
});

it('what another program has committed says nothing', () => {
  for (const text of ['', 'NO_METADATA', 'millrace:', 'millrace:x:id', '{"a":1}']) {
    expect(decodeCommitMetadata(text)).toBeNull();
  }
});
