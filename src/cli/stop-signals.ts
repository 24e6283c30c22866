const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` at the first signal that asks the program to end, and `hurry` at each further one.
 * @returns what takes the signals' default effect back
 */
export function onStopSignals(stop: (signal: NodeJS.Signals) => void, hurry: () => void): () => void {
  let asked = false;
  const handle = (signal: NodeJS.Signals): void => {
    if (asked) {
      hurry();
      return;
    }
    asked = true;
    stop(signal);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, handle);
  return () => {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, handle);
  };
}
