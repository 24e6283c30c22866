/** Who must act on an error: the person who asked, the person who runs Tideline, nobody yet (it is retried), or us. */
export type Actor = 'user' | 'operator' | 'retry' | 'us';

export interface TidelineErrorOptions {
  /** Stable, kebab-case: the tail of the problem document's `type` and the `code` of a run's error. */
  code: string;
  /** What happened, in one sentence without personal data or secrets. */
  message: string;
  actor: Actor;
  /** What the actor can do about it, in one sentence. */
  action?: string;
  /** HTTP status when it ends an API request. */
  status?: number;
  cause?: unknown;
}

/** An error that knows who must act. Everything else that is thrown is a defect of ours. */
export class TidelineError extends Error {
  readonly code: string;
  readonly actor: Actor;
  readonly action: string | undefined;
  readonly status: number;

  constructor(options: TidelineErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TidelineError';
    this.code = options.code;
    this.actor = options.actor;
    this.action = options.action;
    this.status = options.status ?? (options.actor === 'user' ? 400 : options.actor === 'retry' ? 503 : 500);
  }
}
