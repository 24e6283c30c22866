import { openEvent } from '../conversions/seal.ts';
import type { BatchVerdict, PlatformRequest, Verdict } from '../destinations/destination-kind.ts';
import type { ClaimedDelivery } from './claims.ts';
import { sealEvidence } from './evidence.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { persist } from './persist.ts';
import type { PreparedDelivery } from './prepare.ts';
import { outcomeUnknown, prepare, settled } from './prepare.ts';
import { loadAwaitedRequest, recordRequest } from './requests.ts';
import { retryWaitMs } from './retry-schedule.ts';
import {
  halvesOf,
  intoBatches,
  logExchange,
  noteResult,
  requestsPerSecond,
  type SendContext,
  sendBatch,
} from './send-batch.ts';
import { type AttemptSettlement, type Settlement, settleAnswered, settleUnsent } from './settlements.ts';
import { applyVerdict, resent } from './verdicts.ts';

/** Deliveries by the request whose result they wait for. */
export function byAwaitedRequest(claimed: readonly ClaimedDelivery[]): Map<number, ClaimedDelivery[]> {
  const groups = new Map<number, ClaimedDelivery[]>();
  for (const delivery of claimed) {
    if (delivery.awaited_request === null) continue;
    const group = groups.get(delivery.awaited_request);
    if (group === undefined) groups.set(delivery.awaited_request, [delivery]);
    else group.push(delivery);
  }
  return groups;
}

/**
 * Asks what became of a request that the platform took without judging it, and settles its deliveries. A result that
 * is not there yet is asked for again; only the one that settles something is kept as an attempt. Where the result does
 * not tell which events failed, halves of them go out again to tell.
 */
export async function askForResult(
  context: SendContext,
  requestKey: number,
  deliveries: readonly ClaimedDelivery[],
): Promise<void> {
  const { sql, key, claim, destination, pace, signal, http, origins, tokens } = context;
  const { kind, settings, secrets } = destination;
  const awaited = await persist(signal, () => loadAwaitedRequest(sql, key, requestKey));
  if (awaited === null || kind.later === null) {
    // Its evidence is gone with the time that it is kept for: nobody can tell any more.
    const lost = deliveries.map((delivery) => settled(delivery, 'FAILED', outcomeUnknown));
    return persist(signal, () => settleUnsent(sql, claim, lost));
  }
  const token = await tokens.of(destination, signal);
  if (token.kind !== 'token') return waitOn(context, requestKey, deliveries, token.reason, null);
  await pace.take(requestsPerSecond(destination), signal);
  const request = kind.later.request(awaited.platformRequestId, settings);
  const exchanged = await exchange(
    http,
    kind.origin(origins, settings),
    kind.authorize(request, secrets, token.accessToken),
    signal,
  );
  const entries = entriesOf(awaited.requestBody, kind.listField(settings));
  const answer = exchanged.kind === 'answer' ? exchanged.answer : null;
  const verdict = kind.later.read(answer, entries, settings);
  noteResult(pace, verdict);
  if (verdict.kind === 'renew') tokens.forget(destination);
  const asked = { request, exchanged, platformRequestId: awaited.platformRequestId };
  const positionOf = ({ delivery_id }: ClaimedDelivery): number => awaited.positions.get(delivery_id) ?? -1;
  const preparedAgain = (delivery: ClaimedDelivery): PreparedDelivery =>
    prepareAgain(context, delivery, entries[positionOf(delivery)]);
  if (verdict.kind === 'split') {
    await settle(context, asked, deliveries, (delivery) =>
      resent(preparedAgain(delivery), positionOf(delivery), verdict.reason, verdict.taken === 'perhaps'),
    );
    return sendAgainInHalves(context, deliveries);
  }
  const verdicts = verdictsOf(verdict, entries.length);
  const decided: ClaimedDelivery[] = [];
  for (const delivery of deliveries) {
    const one = verdicts[positionOf(delivery)];
    if (one === undefined || one.outcome === 'processing' || one.outcome === 'unknown') {
      const reason = one !== undefined && 'reason' in one ? one.reason : null;
      const afterMs = one?.outcome === 'processing' ? one.afterMs : null;
      await waitOn(context, requestKey, [delivery], reason, afterMs);
    } else decided.push(delivery);
  }
  if (decided.length === 0) return;
  await settle(context, asked, decided, (delivery, askedKey) => {
    const position = positionOf(delivery);
    const one = verdicts[position] ?? { outcome: 'unknown', reason: outcomeUnknown };
    return applyVerdict(preparedAgain(delivery), position, one, askedKey);
  });
}

/** Events whose time was over meanwhile are not sent again. */
async function sendAgainInHalves(
  context: SendContext,
  deliveries: readonly ClaimedDelivery[],
): Promise<void> {
  const { sql, key, claim, destination, signal } = context;
  // Each was sent before: whoever has its id at this destination is itself.
  const options = { outboundMode: 'live', rivals: new Map(), now: Date.now() } as const;
  const { ready, settlements } = await prepare(destination, key, deliveries, options);
  await persist(signal, () => settleUnsent(sql, claim, settlements));
  for (const half of halvesOf(ready)) {
    for (const batch of intoBatches(destination, half)) await sendBatch(context, batch);
  }
}

/** A question with its answer. */
interface Asked {
  request: PlatformRequest;
  exchanged: Exchanged;
  platformRequestId: string;
}

async function settle(
  context: SendContext,
  { request, exchanged, platformRequestId }: Asked,
  deliveries: readonly ClaimedDelivery[],
  settlementOf: (delivery: ClaimedDelivery, askedKey: number) => AttemptSettlement,
): Promise<void> {
  const { sql, key, claim, destination, signal } = context;
  const answer = exchanged.kind === 'answer' ? exchanged.answer : null;
  const requestKey = await persist(signal, () =>
    recordRequest(sql, key, claim, {
      deliveryIds: deliveries.map(({ delivery_id }) => delivery_id),
      mappingVersion: destination.kind.mappingVersion,
      path: request.path,
      body: request.body,
    }),
  );
  const settlements = deliveries.map((delivery) => settlementOf(delivery, requestKey));
  const recorded = {
    requestKey,
    durationMs: exchanged.durationMs,
    responseCode: answer?.status ?? null,
    responseBody:
      answer === null ? null : await sealEvidence(key, answer.body, { side: 'response', ...claim }),
    platformRequestId,
  };
  await persist(signal, () => settleAnswered(sql, claim, recorded, settlements));
  logExchange(context, request, exchanged, platformRequestId, settlements);
}

/** A batch that is told as a whole to have failed is sent again, event by event where that helps. */
function verdictsOf(verdict: BatchVerdict, size: number): readonly Verdict[] {
  if (verdict.kind === 'each') return verdict.verdicts;
  const { reason } = verdict;
  const all = (one: Verdict): Verdict[] => Array.from({ length: size }, () => one);
  if (verdict.kind === 'without') {
    return all({ outcome: 'retry', reason, afterMs: null }).map((one, position) =>
      position === verdict.position ? { outcome: 'rejected', reason } : one,
    );
  }
  return all({ outcome: 'unknown', reason });
}

function prepareAgain(
  { key, destination }: SendContext,
  delivery: ClaimedDelivery,
  entry: unknown,
): PreparedDelivery {
  const event = openEvent(key, delivery);
  const platformEvent = destination.kind.platformEvent(event.event_name, destination.settings);
  return { delivery, event, platformEvent: platformEvent ?? event.event_name, entry };
}

/** The entries of a request as they were sent. */
export function entriesOf(requestBody: string, listField: string): readonly unknown[] {
  const body: unknown = JSON.parse(requestBody);
  const list = typeof body === 'object' && body !== null ? Reflect.get(body, listField) : null;
  return Array.isArray(list) ? list : [];
}

function waitOn(
  { sql, claim, signal }: SendContext,
  requestKey: number,
  deliveries: readonly ClaimedDelivery[],
  reason: string | null,
  afterMs: number | null,
): Promise<void> {
  const settlements = deliveries.map(
    (delivery): Settlement => ({
      ...settled(delivery, 'SENDING', reason ?? 'The platform has not told its result yet'),
      dueInMs: afterMs ?? retryWaitMs(delivery.retries, null),
      countsAsRetry: afterMs === null,
      awaitedRequest: requestKey,
    }),
  );
  return persist(signal, () => settleUnsent(sql, claim, settlements));
}
