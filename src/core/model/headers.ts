/** Immutable record headers. A name may stand several times, as in Kafka. */
export interface Headers {
  /** The last value under `name`, or undefined. */
  get(name: string): Uint8Array | undefined;
  getAll(name: string): readonly Uint8Array[];
  /** A copy with one more header at the end; text is written as UTF-8. */
  with(name: string, value: Uint8Array | string): Headers;
  /** A copy without any header of that name. */
  without(name: string): Headers;
  entries(): readonly (readonly [name: string, value: Uint8Array])[];
  readonly size: number;
}

const encoder = new TextEncoder();

class HeaderList implements Headers {
  constructor(private readonly list: readonly (readonly [string, Uint8Array])[]) {}

  get size(): number {
    return this.list.length;
  }

  get(name: string): Uint8Array | undefined {
    return this.list.findLast(([own]) => own === name)?.[1];
  }

  getAll(name: string): readonly Uint8Array[] {
    return this.list.filter(([own]) => own === name).map(([, value]) => value);
  }

  with(name: string, value: Uint8Array | string): Headers {
    const bytes = typeof value === 'string' ? encoder.encode(value) : value;
    return new HeaderList([...this.list, [name, bytes]]);
  }

  without(name: string): Headers {
    return headersOf(this.list.filter(([own]) => own !== name));
  }

  entries(): readonly (readonly [string, Uint8Array])[] {
    return this.list;
  }
}

export const noHeaders: Headers = new HeaderList([]);

export function headersOf(entries: readonly (readonly [string, Uint8Array])[]): Headers {
  return entries.length === 0 ? noHeaders : new HeaderList(entries);
}
