/** What the TikTok Shop client needs from its surroundings; it knows neither PostgreSQL nor Temporal. */

export interface ShopAccess {
  accessToken: string;
  /** Counts the token pairs of the grant: a refresh names the version that it found wanting. */
  tokenVersion: number;
  shopCipher: string;
}

export interface AccessProvider {
  /** The shop's present access. Throws {@link ApiError} of kind `disconnected` for a parked or disconnected shop. */
  get(shopId: string): Promise<ShopAccess>;
  /**
   * Access newer than `staleVersion`: one refresh call, however many ask at once, in however many processes.
   * Throws {@link ApiError} of kind `disconnected` after the grant is found dead (the shop is then parked).
   */
  refresh(shopId: string, staleVersion: number): Promise<ShopAccess>;
}

export interface RequestBudget {
  /**
   * Resolves when one call may be made. Rejects with the signal's reason when aborted, and with an {@link ApiError}
   * of kind `rate-limited` and its `retryAfterMs` where the wait is longer than a worker's slot should be held.
   */
  acquire(shopId: string, endpointFamily: string, signal?: AbortSignal): Promise<void>;
  /** Reports that upstream throttled: nobody calls this family of the shop for `waitMs`. */
  throttled(shopId: string, endpointFamily: string, waitMs: number): Promise<void>;
}

export interface CallLogEntry {
  at: Date;
  shopId: string | null;
  runId: string | null;
  method: string;
  /** Path only; the query and the body never enter the log. */
  path: string;
  attempt: number;
  httpStatus: number | null;
  code: number | null;
  requestId: string | null;
  /** `ok` or the kind of the {@link ApiError}. */
  outcome: string;
  durationMs: number;
  responseBytes: number | null;
}

export interface CallLog {
  /** Never throws and never waits: entries are written in batches behind the caller. */
  record(entry: CallLogEntry): void;
}

/** Adaptive rate, tokens and log as one bundle, as the client takes them. */
export interface ClientPorts {
  access: AccessProvider;
  budget: RequestBudget;
  callLog: CallLog;
}
