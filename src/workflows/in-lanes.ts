import { CancellationScope, isCancellation } from '@temporalio/workflow';

/** A lane may widen the work: what it spawns runs beside it. */
export type Lane = (spawn: (lane: Lane) => void) => Promise<void>;

/**
 * Runs lanes side by side to their end. The first error cancels the others, waits until they have stopped and is
 * thrown: nothing of an attempt is still at work when the next one begins.
 */
export async function inLanes(lanes: readonly Lane[]): Promise<void> {
  const scope = new CancellationScope();
  let first: { error: unknown } | null = null;
  const running: Promise<void>[] = [];
  const guarded = async (lane: Lane): Promise<void> => {
    try {
      await lane(spawn);
    } catch (error) {
      // A lane that was cancelled because of another's error has nothing to add to it.
      if (first === null || (isCancellation(first.error) && !isCancellation(error))) first = { error };
      scope.cancel();
    }
  };
  const spawn = (lane: Lane): void => void running.push(guarded(lane));
  await scope.run(async () => {
    for (const lane of lanes) spawn(lane);
    // The list grows while it is worked off.
    for (const lane of running) await lane;
  });
  if (first !== null) throw (first as { error: unknown }).error;
}
