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

/** What a call is for, in the order in which calls of one shop and family go first. */
export const budgetLanes = ['webhooks', 'incremental', 'write-backs', 'history', 'analytics'] as const;
export type BudgetLane = (typeof budgetLanes)[number];

export interface BudgetedCall {
  shopId: string;
  /** See `endpoints`: upstream limits each family by itself. */
  endpointFamily: string;
  lane: BudgetLane;
}

/** How a call that was admitted went. */
export type CallOutcome =
  | { kind: 'answered'; latencyMs: number }
  | { kind: 'throttled'; latencyMs: number; retryAfterMs: number | null }
  /** The hourly quota of a development shop is used up. */
  | { kind: 'quota-exhausted'; retryAfterMs: number }
  /** No answer, or a server error. */
  | { kind: 'failed' }
  /** Given up by the caller: it says nothing about upstream. */
  | { kind: 'abandoned' };

export interface RequestBudget {
  /**
   * Resolves when one call may be made; every admitted call is reported afterwards. Rejects with the signal's reason
   * when aborted, and with an {@link ApiError} and its `retryAfterMs` where the wait is longer than a worker's slot
   * should be held: `rate-limited`, `quota-exhausted`, or `transient` while upstream answers nothing of this family.
   */
  acquire(call: BudgetedCall, signal?: AbortSignal): Promise<void>;
  report(call: BudgetedCall, outcome: CallOutcome): Promise<void>;
}

export interface CallLogEntry {
  at: Date;
  shopId: string | null;
  runId: string | null;
  method: string;
  /** Path only; the query and the body never enter the log. */
  path: string;
  /** See `endpoints`; null for token calls. */
  endpointFamily: string | null;
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
