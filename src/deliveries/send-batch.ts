import { showDeliveryId } from '../conversions/delivery-id.ts';
import type { Destination } from '../conversions/destinations.ts';
import { pauseByEngine } from '../conversions/destinations.ts';
import type { Sql } from '../db/pool.ts';
import type {
  BatchVerdict,
  PlatformOrigins,
  PlatformRequest,
  Verdict,
} from '../destinations/destination-kind.ts';
import type { HttpClient } from '../http/request.ts';
import type { DataKey } from '../shops/data-keys.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Claim } from './claims.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { sealEvidence } from './evidence.ts';
import { type Exchanged, exchange } from './exchange.ts';
import type { Pace } from './pace.ts';
import { persist } from './persist.ts';
import type { PreparedDelivery } from './prepare.ts';
import { recordRequest } from './requests.ts';
import { type AttemptSettlement, settleAnswered } from './settlements.ts';
import { applyVerdict, putBack, resent } from './verdicts.ts';

/** What sending to one destination needs, for as long as its settings stay the same. */
export interface SendContext {
  sql: Sql;
  http: HttpClient;
  origins: PlatformOrigins;
  tokens: AccessTokens;
  pace: Pace;
  key: DataKey;
  claim: Claim;
  destination: Destination;
  deliveryLog: DeliveryLog;
  /** Aborted when requests under way are to be given up. */
  signal: AbortSignal;
}

/** A request with what came of it, recorded before and after. */
interface Sent {
  requestKey: number;
  request: PlatformRequest;
  exchanged: Exchanged;
  verdict: BatchVerdict;
}

/** Puts events that may share a request into as few as the platform takes. */
export function intoBatches({ kind }: Destination, ready: readonly PreparedDelivery[]): PreparedDelivery[][] {
  const groups = new Map<string, PreparedDelivery[]>();
  for (const prepared of ready) {
    const name = kind.batchKey(prepared.entry, prepared.event);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [prepared]);
    else group.push(prepared);
  }
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / kind.batchSize) }, (_, index) =>
      group.slice(index * kind.batchSize, (index + 1) * kind.batchSize),
    ),
  );
}

/** The request for a batch: the one that is sent, kept as evidence, and shown by a preview. */
export function batchRequest(
  { kind, settings }: Destination,
  batch: readonly Pick<PreparedDelivery, 'entry' | 'event'>[],
): PlatformRequest {
  const [first] = batch;
  if (first === undefined) throw new Error('A batch is never empty.');
  return kind.request(
    batch.map(({ entry }) => entry),
    first.event,
    settings,
  );
}

/**
 * Sends a batch and settles each event from the answer; what has to go into smaller requests is sent on at once.
 *
 * @throws ClaimLost when another activity delivers for the destination now
 */
export async function sendBatch(
  context: SendContext,
  batch: readonly PreparedDelivery[],
  isRenewed = false,
): Promise<void> {
  const sent = await send(context, batch);
  const { verdict } = sent;
  switch (verdict.kind) {
    case 'each':
      return settle(context, sent, batch, (prepared, position) =>
        applyVerdict(prepared, position, verdictAt(verdict.verdicts, position), sent.requestKey),
      );
    case 'split': {
      await settle(context, sent, batch, (prepared, position) =>
        resent(prepared, position, verdict.reason, verdict.taken === 'perhaps'),
      );
      for (const half of halvesOf(batch)) await sendBatch(context, half);
      return;
    }
    case 'without': {
      const { position: rejected, reason } = verdict;
      await settle(context, sent, batch, (prepared, position) =>
        position === rejected
          ? applyVerdict(prepared, position, { outcome: 'rejected', reason }, sent.requestKey)
          : resent(prepared, position, `Sent again without event ${rejected}`, false),
      );
      const rest = batch.filter((_, position) => position !== rejected);
      return rest.length === 0 ? undefined : sendBatch(context, rest);
    }
    case 'renew': {
      context.tokens.forget(context.destination);
      if (isRenewed) {
        const refused: Verdict = { outcome: 'retry', reason: verdict.reason, afterMs: null };
        return settle(context, sent, batch, (prepared, position) =>
          applyVerdict(prepared, position, refused, sent.requestKey),
        );
      }
      await settle(context, sent, batch, (prepared, position) =>
        resent(prepared, position, verdict.reason, false),
      );
      return sendBatch(context, batch, true);
    }
    case 'pause':
      await pauseByEngine(context.sql, context.destination, verdict.reason);
      return settle(context, sent, batch, (prepared, position) =>
        putBack(prepared, position, verdict.reason),
      );
  }
}

/** The halves of a batch that go out next, so that their answers tell which of them is at fault. */
export function halvesOf<Element>(batch: readonly Element[]): (readonly Element[])[] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)].filter((half) => half.length > 0);
}

function verdictAt(verdicts: readonly Verdict[], position: number): Verdict {
  return verdicts[position] ?? { outcome: 'unknown', reason: 'The answer says nothing of this event' };
}

async function send(context: SendContext, batch: readonly PreparedDelivery[]): Promise<Sent> {
  const { sql, key, claim, destination, pace, signal, http, origins } = context;
  const { kind, settings, secrets } = destination;
  const request = batchRequest(destination, batch);
  const token = await context.tokens.of(destination, signal);
  if (token.kind === 'token') await pace.take(requestsPerSecond(destination), signal);
  const requestKey = await persist(signal, () =>
    recordRequest(sql, key, claim, {
      deliveryIds: batch.map(({ delivery }) => delivery.delivery_id),
      mappingVersion: kind.mappingVersion,
      path: request.path,
      body: request.body,
    }),
  );
  if (token.kind !== 'token') {
    const { reason } = token;
    const exchanged: Exchanged = { kind: 'not-sent', reason, durationMs: 0 };
    const verdict: BatchVerdict =
      token.kind === 'pause' ? { kind: 'pause', reason, requestId: null } : allRetry(batch.length, reason);
    if (token.kind === 'retry') pace.note('failed');
    return { requestKey, request, exchanged, verdict };
  }
  const authorized = kind.authorize(request, secrets, token.accessToken);
  const exchanged = await exchange(http, kind.origin(origins, settings), authorized, signal);
  const verdict =
    exchanged.kind === 'not-sent'
      ? allRetry(batch.length, exchanged.reason)
      : kind.read(
          exchanged.kind === 'answer' ? exchanged.answer : null,
          batch.map(({ entry }) => entry),
          settings,
        );
  noteResult(pace, verdict);
  return { requestKey, request, exchanged, verdict };
}

export function requestsPerSecond({ kind, settings }: Destination): number {
  return settings.requests_per_second ?? kind.requestsPerSecond;
}

function allRetry(size: number, reason: string): BatchVerdict {
  const verdict: Verdict = { outcome: 'retry', reason, afterMs: null };
  return { kind: 'each', verdicts: Array.from({ length: size }, () => verdict), requestId: null };
}

/** A platform that settles nothing of a whole request is away or asks to wait; then all of the destination waits. */
export function noteResult(pace: Pace, verdict: BatchVerdict): void {
  const verdicts = verdict.kind === 'each' ? verdict.verdicts : [];
  const failed =
    verdicts.length > 0 && verdicts.every(({ outcome }) => outcome === 'retry' || outcome === 'unknown');
  pace.note(failed ? 'failed' : 'answered');
  if (!failed) return;
  const waits = verdicts.map((one) => (one.outcome === 'retry' ? (one.afterMs ?? 0) : 0));
  // One event's six hours are not everybody's.
  if (waits.every((wait) => wait === waits[0] && wait > 0)) pace.hold(Math.min(waits[0] ?? 0, longestHoldMs));
}

const longestHoldMs = 60_000;

async function settle(
  context: SendContext,
  { requestKey, request, exchanged, verdict }: Sent,
  batch: readonly PreparedDelivery[],
  settlementOf: (prepared: PreparedDelivery, position: number) => AttemptSettlement,
): Promise<void> {
  const { sql, key, claim, signal } = context;
  const answer = exchanged.kind === 'answer' ? exchanged.answer : null;
  const owner = { side: 'response', ...claim } as const;
  const recorded = {
    requestKey,
    durationMs: exchanged.durationMs,
    responseCode: answer?.status ?? null,
    responseBody: answer === null ? null : await sealEvidence(key, answer.body, owner),
    platformRequestId: verdict.requestId,
  };
  const settlements = batch.map(settlementOf);
  await persist(signal, () => settleAnswered(sql, claim, recorded, settlements));
  logExchange(context, request, exchanged, verdict.requestId, settlements);
}

/** Puts an exchange into the log files, where there are any; what was never sent is none. */
export function logExchange(
  { deliveryLog, key, destination }: SendContext,
  request: PlatformRequest,
  exchanged: Exchanged,
  platformRequestId: string | null,
  settlements: readonly AttemptSettlement[],
): void {
  if (exchanged.kind === 'not-sent') return;
  const answer = exchanged.kind === 'answer' ? exchanged.answer : null;
  deliveryLog.record(key, {
    destinationId: destination.id,
    kind: destination.kind.kind,
    mappingVersion: destination.kind.mappingVersion,
    method: request.method,
    path: request.path,
    requestBody: request.body,
    responseCode: answer?.status ?? null,
    responseBody: answer?.body ?? null,
    platformRequestId,
    durationMs: exchanged.durationMs,
    deliveries: settlements.map(({ deliveryId, outcome, reason }) => ({
      id: showDeliveryId(deliveryId),
      outcome,
      reason,
    })),
  });
}
