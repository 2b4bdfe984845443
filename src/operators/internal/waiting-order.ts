import { invariant } from '../../core/model/invariant.ts';
import { bytes } from '../../core/serde/bytes.ts';
import { int64 } from '../../core/serde/integers.ts';
import { json } from '../../core/serde/json.ts';
import { string } from '../../core/serde/string.ts';
import type { AnyStoreDefinition, StoreDefinition } from '../../core/task/state-port.ts';
import { keyValueStore } from '../../state/store-definitions.ts';
import type { KeyValueStore } from '../../state/store.ts';

interface Ends {
  /** Where the oldest key may be: nothing lies before. */
  readonly first: number;
  readonly next: number;
  readonly size: number;
}

/** The keys that wait, in the order in which they began to: found by place, so without a scan. */
export interface WaitingOrder {
  readonly size: number;
  /** Returns the place. */
  append(encodedKey: Uint8Array): number;
  remove(place: number): void;
  /** The key that has waited longest. Not asked for where none waits. */
  oldest(): Oldest;
}

export interface Oldest {
  readonly place: number;
  readonly encodedKey: Uint8Array;
}

export interface WaitingOrderPlan {
  readonly stores: readonly AnyStoreDefinition[];
  open(context: { store<S>(definition: StoreDefinition<S>): S }): WaitingOrder;
}

const noKeys: Ends = { first: 0, next: 0, size: 0 };

export function waitingOrder(name: string): WaitingOrderPlan {
  const places = keyValueStore({ name: `${name}-order`, key: int64(), value: bytes() });
  const ends = keyValueStore({ name: `${name}-ends`, key: string(), value: json<Ends>() });
  return {
    stores: [places, ends],
    open: (context) => openOrder(context.store(places), context.store(ends)),
  };
}

function openOrder(
  places: KeyValueStore<number, Uint8Array>,
  ends: KeyValueStore<string, Ends>,
): WaitingOrder {
  const endsNow = (): Ends => ends.get('')?.value ?? noKeys;
  const move = (to: Ends): void => ends.put('', { value: to, timestamp: 0 });
  return {
    get size() {
      return endsNow().size;
    },
    append(encodedKey) {
      const { first, next, size } = endsNow();
      places.put(next, { value: encodedKey, timestamp: 0 });
      move({ first, next: next + 1, size: size + 1 });
      return next;
    },
    remove(place) {
      const { first, next, size } = endsNow();
      places.put(place, null);
      move({ first, next, size: size - 1 });
    },
    oldest() {
      const { first, next, size } = endsNow();
      // Each empty place is passed once: the next search begins where this one has ended.
      let place = first;
      while (place < next && places.get(place) === undefined) place += 1;
      if (place !== first) move({ first: place, next, size });
      const row = places.get(place);
      invariant(row, 'The order has as many keys as places.');
      return { place, encodedKey: row.value };
    },
  };
}
