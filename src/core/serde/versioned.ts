import { ConfigError } from '../model/errors.ts';
import { trusted } from './key-identity.ts';
import type { Serde } from './serde.ts';

export interface VersionedOptions<T> {
  /** A whole number, raised with each change of what the bytes mean; what was before is 1. */
  readonly version: number;
  /** The value of a row of state that an older version wrote: of any that ever did. */
  readonly upgrade: (bytes: Uint8Array, fromVersion: number) => T;
}

const maxVersion = 0xffff_ffff;

/**
 * The serde of a layout that has changed since state was written. Rows of state keep the version
 * that wrote them, and are upgraded when they are read.
 *
 * @example A count alone became an object.
 * ```ts
 * const upgrade = (bytes: Uint8Array) => ({ count: json<number>().deserialize(bytes), last: '' });
 * const serde = versioned(json<{ count: number; last: string }>(), { version: 2, upgrade });
 * serde.version; // => 2
 * serde.upgrade?.(Buffer.from('7'), 1); // => { count: 7, last: '' }
 * ```
 * @throws {ConfigError} `BAD_OPTION` unless `version` is a whole number above 1.
 */
export function versioned<T>(serde: Serde<T>, { version, upgrade }: VersionedOptions<T>): Serde<T> {
  if (!Number.isInteger(version) || version < 2 || version > maxVersion) {
    const rule = 'give a whole number from 2: what was before is version 1';
    throw new ConfigError('BAD_OPTION', `The version ${version} of '${serde.format}': ${rule}.`);
  }
  return Object.freeze({
    ...serde,
    version,
    upgrade,
    ...(serde.trusted === undefined
      ? {}
      : { trusted: () => versioned(trusted(serde), { version, upgrade }) }),
  });
}
