import type { StoreError } from '../../core/model/errors.ts';
import { invariant } from '../../core/model/invariant.ts';
import type { ByteRange, ScanCursor } from '../../core/task/state-port.ts';
import { ByteWriter } from '../byte-writer.ts';
import type { CommittedRows, StoredEntry } from '../committed-rows.ts';
import type { Database } from './database.ts';
import type { OpenedLevel } from './level-options.ts';

/** The key prefix of a store: its number as a varint, so that most stores cost one byte. */
export function storePrefix(number: number): Buffer {
  const writer = new ByteWriter();
  writer.varint(number);
  return writer.copy(0, writer.length);
}

/** The number that a key begins with. */
export function storeNumberOf(key: Uint8Array): number {
  let number = 0;
  for (let at = 0, factor = 1; at < key.length; at++, factor *= 0x80) {
    const byte = key[at] ?? 0;
    number += (byte & 0x7f) * factor;
    if (byte < 0x80) break;
  }
  return number;
}

/** The first key behind all keys with the prefix. A varint never ends in 0xff. */
export function behindPrefix(prefix: Buffer): Buffer {
  const behind = Buffer.from(prefix);
  const last = behind.length - 1;
  behind[last] = (behind[last] ?? 0) + 1;
  return behind;
}

/** The database of the task, and what happens when it fails. */
export interface DatabaseAccess {
  database(): Database;
  /** Runs a read or write; its failure is the last thing that happens to the state. */
  guard(doing: string, work: () => Promise<void>): Promise<void>;
  fail(error: unknown, doing: string): StoreError;
}

/** The rows of one store in the task's LevelDB. */
export class LevelRows implements CommittedRows {
  prefix: Buffer = Buffer.alloc(0);
  lastKey: Buffer | null = null;

  constructor(
    readonly store: string,
    private readonly access: DatabaseAccess,
  ) {}

  /** Takes number and last key of the store from a database just opened. */
  point({ stores }: OpenedLevel): void {
    const found = stores.get(this.store);
    invariant(found !== undefined, `Store '${this.store}' has a number.`);
    this.prefix = storePrefix(found.number);
    this.lastKey = found.lastKey;
  }

  get(prefixedKey: Buffer): Buffer | undefined {
    const database = this.access.database();
    try {
      return database.getSync(prefixedKey);
    } catch (error) {
      throw this.access.fail(error, `Reading store '${this.store}'`);
    }
  }

  scan(range: ByteRange): ScanCursor<StoredEntry> {
    // The iterator reads a snapshot taken now, whatever is written before it is asked.
    const iterator = this.access.database().iterator(this.bounds(range));
    const prefixBytes = this.prefix.length;
    return {
      next: async (maxEntries) => {
        const found: StoredEntry[] = [];
        await this.access.guard(`Scanning store '${this.store}'`, async () => {
          for (const [key, envelope] of await iterator.nextv(maxEntries)) {
            found.push([key.subarray(prefixBytes), envelope]);
          }
        });
        return found;
      },
      close: () => iterator.close(),
    };
  }

  private bounds({ gte, gt, lt, lte }: ByteRange) {
    const key = (bytes: Uint8Array) => Buffer.concat([this.prefix, bytes]);
    return {
      ...(gt === undefined ? { gte: gte === undefined ? this.prefix : key(gte) } : { gt: key(gt) }),
      ...(lte === undefined
        ? { lt: lt === undefined ? behindPrefix(this.prefix) : key(lt) }
        : { lte: key(lte) }),
    };
  }
}
