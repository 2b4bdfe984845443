/** The signals that ask a process to stop in good order. */
const stopSignals = ['SIGTERM', 'SIGINT'] as const;

export interface StopListener {
  readonly onFirst: (reason: string) => void;
  /** The user does not want to wait. */
  readonly onSecond: (reason: string) => void;
}

/** Calls back for the first signal that asks to stop, and for each one after it. */
export function onStopSignals({ onFirst, onSecond }: StopListener): void {
  let isStopping = false;
  for (const name of stopSignals) {
    process.on(name, () => {
      if (isStopping) return onSecond(name);
      isStopping = true;
      onFirst(name);
    });
  }
}
