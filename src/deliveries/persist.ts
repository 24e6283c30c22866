import { isPassingDatabaseTrouble } from '../db/passing-trouble.ts';
import { wait } from '../http/wait.ts';

const firstWaitMs = 100;
const longestWaitMs = 2_000;
const patienceMs = 30_000;

/**
 * Writes what must not be lost because the database is away for a moment: tried again for half a minute. Whatever is
 * written must be safe to write twice.
 */
export async function persist<Result>(signal: AbortSignal, write: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + patienceMs;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
    try {
      return await write();
    } catch (error) {
      if (!isPassingDatabaseTrouble(error) || signal.aborted || performance.now() > deadline) throw error;
      await wait(waitMs, signal);
    }
  }
}
