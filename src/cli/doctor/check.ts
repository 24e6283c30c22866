import type { Config } from '../../config.ts';

export interface Check {
  name: string;
  status: 'ok' | 'warn' | 'fail';
  /** What was found. */
  detail: string;
  /** What to do about it; null when it is well. */
  action: string | null;
}

/** What the checks look at. */
export interface Subject {
  config: Config;
  environment: NodeJS.ProcessEnv;
}

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail, action: null };
}

export function warn(name: string, detail: string, action: string): Check {
  return { name, status: 'warn', detail, action };
}

export function fail(name: string, detail: string, action: string): Check {
  return { name, status: 'fail', detail, action };
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A refused connection comes as an error without a text of its own.
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}
