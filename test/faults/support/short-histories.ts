import type { Trial } from './fault.ts';
import { temporalProgram } from './temporal-program.ts';

/** Events after which the server suggests to go on anew; thousands by default. */
export const mostEvents = 40;

/** The usual Temporal server, told to suggest a new execution early, as a program for `TIDELINE_TEMPORAL_BIN`. */
export function temporalOfShortHistories(cleanUp: Trial['cleanUp']): Promise<string> {
  const limit = `--dynamic-config-value limit.historyCount.suggestContinueAsNew=${mostEvents}`;
  return temporalProgram(cleanUp, () => `exec "$PROGRAM" "$@" ${limit}`);
}
