import { randomBytes } from 'node:crypto';

/** Sorts by time, so that a list of ids reads in order. */
export function newRunId(): string {
  return `run_${Date.now().toString(36).padStart(9, '0')}${randomBytes(8).toString('hex')}`;
}
