import { readFrames, writeFrames } from '../../core/serde/frames.ts';
import { scoreBytes, scoreOf } from '../../core/serde/ranking.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { OrderNode, Place } from './score-order.ts';

const nothing = Buffer.alloc(0);

/** How many were numbered; then of each place score, key and child: no bytes in a leaf. */
export const orderNodeSerde: Serde<OrderNode> = Object.freeze<Serde<OrderNode>>({
  format: 'order-node',
  version: 1,
  serialize({ places, children, numbered }) {
    const parts: Uint8Array[] = [numberBytes(numbered)];
    places.forEach(({ score, key }, index) => {
      const child = children[index];
      const childBytes = child === undefined ? nothing : numberBytes(child);
      parts.push(scoreBytes(score), Buffer.from(key, 'latin1'), childBytes);
    });
    return writeFrames(parts);
  },
  deserialize(bytes) {
    const parts = readFrames(bytes);
    const places: Place[] = [];
    const children: number[] = [];
    for (let at = 1; at < parts.length; at += 3) {
      const [score = nothing, key = nothing, child = nothing] = parts.slice(at, at + 3);
      places.push({ score: scoreOf(score), key: key.toString('latin1') });
      if (child.length > 0) children.push(numberOf(child));
    }
    return { places, children, numbered: numberOf(parts[0] ?? nothing) };
  },
});

function numberBytes(number: number): Buffer {
  const target = Buffer.allocUnsafe(8);
  target.writeDoubleBE(number);
  return target;
}

function numberOf(bytes: Buffer): number {
  return bytes.readDoubleBE(0);
}
