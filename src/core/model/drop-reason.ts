/** Why a record was refused. Counted per node; see `docs/SEMANTICS.md`, "Drops". */
export type DropReason =
  | 'invalid-timestamp'
  | 'future'
  | 'deserialization'
  | 'null-key'
  | 'null-value'
  | 'null-foreign-key'
  | 'late'
  | 'before-window'
  | 'duplicate'
  | 'rate-limit'
  | 'expired'
  | 'expired-version'
  | 'run-limit'
  | 'processing'
  | 'production'
  | 'delivery'
  | `author:${string}`;

/** A policy for what cannot be processed. */
export type ErrorPolicy = 'fail' | 'dead-letter' | 'drop';

/** The stage in which an error happened. */
export type ErrorStage = 'deserialization' | 'processing' | 'production' | 'delivery' | 'drop';
