/** Something a bounded cache may drop. */
export interface CacheMember {
  readonly bytes: number;
  readonly isEvictable: boolean;
  isReferenced: boolean;
  /** Already taken out by its owner. */
  isGone: boolean;
  leave(): void;
}

/** How many members a new one may look at: what cannot be dropped now is tried again later. */
const maxSweepSteps = 64;
/** Below that many places the ring is not worth tidying. */
const minTidy = 1024;

/** The decoded rows of a task, bounded by bytes (about); evicts by CLOCK. */
export class RowCache {
  bytes = 0;
  private ring: CacheMember[] = [];
  private hand = 0;
  private gone = 0;

  constructor(private readonly maxBytes: number) {}

  add(member: CacheMember): void {
    this.ring.push(member);
    this.bytes += member.bytes;
    if (this.bytes > this.maxBytes) this.evict(maxSweepSteps);
  }

  /** Its owner took it out. The place in the ring is freed once half of all are such. */
  drop(member: CacheMember): void {
    member.isGone = true;
    this.bytes -= member.bytes;
    this.gone++;
    if (this.ring.length < minTidy || this.gone * 2 < this.ring.length) return;
    this.ring = this.ring.filter(({ isGone }) => !isGone);
    this.hand = 0;
    this.gone = 0;
  }

  grow(bytes: number): void {
    this.bytes += bytes;
  }

  /** After a commit, when many rows are clean again: goes on until the bound holds. */
  sweep(): void {
    // Twice round: the first time only takes the reference bits away.
    this.evict(this.ring.length * 2);
  }

  private evict(maxSteps: number): void {
    for (let steps = maxSteps; steps > 0 && this.bytes > this.maxBytes; steps--) {
      if (this.hand >= this.ring.length) this.hand = 0;
      const member = this.ring[this.hand];
      if (member === undefined) return;
      if (member.isGone) {
        this.gone--;
        this.removeAtHand();
      } else if (!member.isEvictable) this.hand++;
      else if (member.isReferenced) {
        member.isReferenced = false;
        this.hand++;
      } else {
        this.removeAtHand();
        this.bytes -= member.bytes;
        member.leave();
      }
    }
  }

  private removeAtHand(): void {
    const last = this.ring.pop();
    if (last !== undefined && this.hand < this.ring.length) this.ring[this.hand] = last;
  }
}
