import { CancellationScope, isCancellation } from '@temporalio/workflow';

/**
 * Runs lanes side by side to their end. The first error cancels the others, waits until they have stopped and is
 * thrown: nothing of an attempt is still at work when the next one begins.
 */
export async function inLanes(lanes: readonly (() => Promise<void>)[]): Promise<void> {
  const scope = new CancellationScope();
  let first: { error: unknown } | null = null;
  await scope.run(() =>
    Promise.all(
      lanes.map(async (lane) => {
        try {
          await lane();
        } catch (error) {
          // A lane that was cancelled because of another's error has nothing to add to it.
          if (first === null || (isCancellation(first.error) && !isCancellation(error))) first = { error };
          scope.cancel();
        }
      }),
    ),
  );
  if (first !== null) throw (first as { error: unknown }).error;
}
