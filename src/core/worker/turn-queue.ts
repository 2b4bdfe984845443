interface Turn {
  readonly run: () => Promise<void>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Work from outside that must fall between two slices of the worker's loop, in order. */
export class TurnQueue {
  private readonly turns: Turn[] = [];
  private isClosed = false;

  constructor(private readonly wakeUp: () => void) {}

  /** Resolves once the loop has run it; at once when there is no loop any more. */
  add(run: () => Promise<void>): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((done, failed) => {
      this.turns.push({ run, done, failed });
      this.wakeUp();
    });
  }

  get isEmpty(): boolean {
    return this.turns.length === 0;
  }

  /** Runs what is there. An error is the caller's of `add`, and no concern of the loop. */
  async run(): Promise<void> {
    for (let turn = this.turns.shift(); turn !== undefined; turn = this.turns.shift()) {
      try {
        await turn.run();
        turn.done();
      } catch (error) {
        turn.failed(error);
      }
    }
  }

  /** Nobody runs turns any more: what waits, and what comes, is done with. */
  close(): void {
    this.isClosed = true;
    for (const { done } of this.turns.splice(0)) done();
  }
}
