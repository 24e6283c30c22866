import { type Actor, TidelineError } from '../../errors.ts';

/**
 * What is to be done about a failed call:
 * `transient` and `invalid-response` are tried again; `rate-limited` after its wait; `quota-exhausted` in the next
 * hour; `token-expired` after one refresh; `clock` after learning the upstream's time; `disconnected` stops the
 * shop until its seller connects it again; `configuration` needs the person who runs Tideline; `invalid-request`
 * is a call that no repetition mends.
 */
export type ApiErrorKind =
  | 'transient'
  | 'rate-limited'
  | 'quota-exhausted'
  | 'token-expired'
  | 'disconnected'
  | 'configuration'
  | 'clock'
  | 'invalid-request'
  | 'invalid-response';

export interface ApiErrorOptions {
  kind: ApiErrorKind;
  /** Kebab-case, stable; the kind when left out. */
  code?: string;
  /** One sentence; text from upstream goes through `excerpt` first. */
  message: string;
  action?: string;
  actor?: Actor;
  /** TikTok's own number from the envelope. */
  upstreamCode?: number | null;
  httpStatus?: number | null;
  /** TikTok's `request_id`: what its support asks for. */
  requestId?: string | null;
  /** Shortest sensible wait before the next try, milliseconds. */
  retryAfterMs?: number | null;
  cause?: unknown;
}

const actors: Record<ApiErrorKind, Actor> = {
  transient: 'retry',
  'rate-limited': 'retry',
  'quota-exhausted': 'retry',
  'token-expired': 'retry',
  disconnected: 'user',
  configuration: 'operator',
  clock: 'operator',
  'invalid-request': 'us',
  'invalid-response': 'retry',
};

const actions: Record<Actor, string> = {
  user: 'Connect the shop again.',
  operator: 'Check the configuration of Tideline.',
  retry: 'Nothing: the call is tried again.',
  us: 'Report this to the makers of Tideline together with the request id.',
};

/** A call to TikTok Shop that did not give what was asked for. */
export class ApiError extends TidelineError {
  readonly kind: ApiErrorKind;
  readonly upstreamCode: number | null;
  readonly httpStatus: number | null;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;

  constructor(options: ApiErrorOptions) {
    const actor = options.actor ?? actors[options.kind];
    super({
      code: options.code ?? options.kind,
      message: options.message,
      action: options.action ?? actions[actor],
      actor,
      // A dead grant is a conflict with the shop's state, not a malformed request.
      ...(options.kind === 'disconnected' ? { status: 409 } : {}),
      cause: options.cause,
    });
    this.name = 'ApiError';
    this.kind = options.kind;
    this.upstreamCode = options.upstreamCode ?? null;
    this.httpStatus = options.httpStatus ?? null;
    this.requestId = options.requestId ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }

  /** The same failure, said differently: what the client learned by trying again. */
  with(changes: Partial<ApiErrorOptions>): ApiError {
    return new ApiError({
      kind: this.kind,
      code: this.code,
      message: this.message,
      ...(this.action === undefined ? {} : { action: this.action }),
      upstreamCode: this.upstreamCode,
      httpStatus: this.httpStatus,
      requestId: this.requestId,
      retryAfterMs: this.retryAfterMs,
      cause: this.cause,
      ...(changes.kind === undefined ? { actor: this.actor } : {}),
      ...changes,
    });
  }
}

/** The parts of an error that a run or a shop keeps and shows. */
export interface StoredError {
  code: string;
  title: string;
  action: string | null;
  request_id: string | null;
}

export function toStoredError(error: ApiError): StoredError {
  return {
    code: error.code,
    title: error.message.slice(0, 500),
    action: error.action ?? null,
    request_id: error.requestId,
  };
}
