import { type Due, idOf, type NaiveKey, type NaiveNode, together } from './naive-node.ts';

interface Folded {
  readonly key: NaiveKey;
  readonly from: unknown;
  to: unknown;
  timestamp: number;
  readonly timeMs: number;
}

/** Changes that wait for a moment: the first `from` and the last `to` are told. */
export class NaiveFolding {
  private readonly waiting = new Map<string, Folded>();

  constructor(
    private readonly node: NaiveNode,
    /** Null: at once. */
    private readonly momentOf: (key: NaiveKey, timestamp: number) => number | null,
  ) {}

  change(key: NaiveKey, from: unknown, to: unknown, timestamp: number): void {
    const folded = this.waiting.get(idOf(key));
    if (folded !== undefined) {
      folded.to = to;
      folded.timestamp = timestamp;
      return;
    }
    const timeMs = this.momentOf(key, timestamp);
    if (timeMs === null) return this.node.change(key, from, to, timestamp);
    if (from === null && to === null) return;
    this.waiting.set(idOf(key), { key, from, to, timestamp, timeMs });
  }

  due(): readonly Due[] {
    return [...this.waiting.values()].map((folded) => ({
      timeMs: folded.timeMs,
      key: folded.key,
      arrival: 0,
      run: () => {
        this.waiting.delete(idOf(folded.key));
        this.node.change(folded.key, folded.from, folded.to, folded.timestamp);
      },
    }));
  }
}

/** The keys that wait at one node wait for the same moment. */
class NaivePeriod extends NaiveFolding {
  override due(): readonly Due[] {
    return together(super.due());
  }
}

/** `emit` of an aggregation that does not wait for a close. */
export function emissionOf(node: NaiveNode): NaiveFolding {
  const { every } = (node.step['emit'] ?? {}) as { every?: number }; // or a word
  return new NaivePeriod(node, () => {
    if (every === undefined) return null;
    return Math.floor(node.streamTimeMs / every) * every + every;
  });
}
