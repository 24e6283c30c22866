import { CancelledFailure, Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { RunError } from '../sync/types.ts';
import { describeError, toFailure } from './failures.ts';
import type { ActivityControl } from './orders/dependencies.ts';

/** Shorter than a fifth of the heartbeat timeout, whatever the page takes. */
const heartbeatIntervalMs = 1_000;
/** A run shows its trouble once a step has failed this often in a row. */
const attemptsBeforeNote = 2;

export interface ActivityFrame {
  log: Logger;
  /** Shows or clears the trouble that a run has. */
  note?: (error: RunError | null) => Promise<void>;
}

/**
 * Runs the body of an activity: heartbeats also while it waits, cancellation as an abort signal, errors as typed
 * failures without personal data.
 */
export async function runActivity<Result>(
  frame: ActivityFrame,
  body: (control: ActivityControl) => Promise<Result>,
): Promise<Result> {
  const context = Context.current();
  const { attempt, activityType, workflowExecution } = context.info;
  let details: unknown = null;
  const control: ActivityControl = {
    signal: context.cancellationSignal,
    heartbeat(next) {
      details = next;
      context.heartbeat(next);
    },
  };
  const pulse = setInterval(() => context.heartbeat(details), heartbeatIntervalMs);
  try {
    const result = await body(control);
    if (attempt > attemptsBeforeNote) await frame.note?.(null);
    return result;
  } catch (error) {
    if (context.cancellationSignal.aborted) throw new CancelledFailure('The activity was cancelled.');
    const where = { activity: activityType, attempt, workflowId: workflowExecution?.workflowId };
    const reportDefect = (defect: unknown): void =>
      frame.log.error({ err: defect, ...where }, 'activity failed');
    const failure = toFailure(error, { attempt, reportDefect });
    if (attempt >= attemptsBeforeNote) await noteTrouble(frame, describeError(error), where);
    throw failure;
  } finally {
    clearInterval(pulse);
  }
}

async function noteTrouble(frame: ActivityFrame, error: RunError, where: object): Promise<void> {
  try {
    await frame.note?.(error);
  } catch (noteError) {
    // The trouble may be the database itself: then the log has to say it.
    frame.log.warn({ err: noteError, ...where }, 'could not note the trouble of the run');
  }
}
