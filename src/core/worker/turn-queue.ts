interface Turn {
  readonly run: () => Promise<void>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Work from outside that must fall between two slices of the worker's loop, in order. */
export class TurnQueue {
  private readonly turns: Turn[] = [];

  constructor(private readonly wakeUp: () => void) {}

  /** Resolves once the loop has run it. */
  add(run: () => Promise<void>): Promise<void> {
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
}
