import { defineSignal } from '@temporalio/workflow';

export type RunRequest = 'pause' | 'resume' | 'cancel';

/** There may be a run to take up: sent with every start, so that a closing workflow does not miss a queued run. */
export const wakeSignal = defineSignal('wake');

/** Asks for a change of the run that is on; meant for another run it is ignored. */
export const requestSignal = defineSignal<[{ runId: string; request: RunRequest }]>('request');
