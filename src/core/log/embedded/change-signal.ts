/** Tells who waits that the log has changed. */
export class ChangeSignal {
  private readonly waiting = new Set<() => void>();
  private current = 0;

  /** Grows with each change: compare it to see whether one was missed. */
  get version(): number {
    return this.current;
  }

  notify(): void {
    this.current++;
    if (this.waiting.size === 0) return;
    const callbacks = [...this.waiting];
    this.waiting.clear();
    for (const callback of callbacks) callback();
  }

  /** Calls once at the next change. Answers how to call that off. */
  once(callback: () => void): () => void {
    this.waiting.add(callback);
    return () => this.waiting.delete(callback);
  }
}
