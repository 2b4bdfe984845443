/**
 * What a committed offset carries beside the offset: the commit it belongs to, and who made it, so
 * that whoever takes the task over can end what a dead owner has left open.
 */
export interface CommitMetadata {
  readonly commitNumber: number;
  /** Null: it was committed without a transaction. */
  readonly transactionalId: string | null;
}

export function encodeCommitMetadata({ commitNumber, transactionalId }: CommitMetadata): string {
  const by = transactionalId === null ? '' : `:${transactionalId}`;
  return `millrace:${commitNumber}${by}`;
}

/** Null for what another program has committed. */
export function decodeCommitMetadata(text: string): CommitMetadata | null {
  const [, number, transactionalId = null] = /^millrace:(\d+)(?::(.+))?$/.exec(text) ?? [];
  return number === undefined ? null : { commitNumber: Number(number), transactionalId };
}
