import type { Logger } from 'pino';
import { type Destination, type FindKind, loadDestination } from '../conversions/destinations.ts';
import type { ConversionKey } from '../conversions/seal.ts';
import type { Sql } from '../db/pool.ts';
import type { PlatformOrigins } from '../destinations/destination-kind.ts';
import type { HttpClient } from '../http/request.ts';
import { wait } from '../http/wait.ts';
import type { AccessTokens } from './access-tokens.ts';
import { askForResult, byAwaitedRequest } from './ask-later.ts';
import { beginClaim, type ClaimedDelivery, claimDue, nextDueAt } from './claims.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { Pace } from './pace.ts';
import { persist } from './persist.ts';
import { type MockMode, prepare, wholeSkipReason } from './prepare.ts';
import { ClaimLost } from './requests.ts';
import { findRivals } from './rivals.ts';
import { intoBatches, type SendContext, sendBatch } from './send-batch.ts';
import { settleUnsent } from './settlements.ts';
import { skipDeleted } from './skip-deleted.ts';

export interface DeliveryDependencies {
  sql: Sql;
  conversionKey: ConversionKey;
  findKind: FindKind;
  http: HttpClient;
  tokens: AccessTokens;
  origins: PlatformOrigins;
  outboundMode: MockMode;
  /** Files of exchanges, for those who want them. */
  deliveryLog: DeliveryLog;
  log: Logger;
  /** Of this process, by destination: what it has learned outlives one activity. */
  paces: Map<string, Pace>;
}

export interface DeliveryControl {
  /** Aborted when the activity is cancelled or the worker stops. */
  signal: AbortSignal;
  heartbeat(details: unknown): void;
}

/** Claims that are worked on side by side: while one waits for its answer, the next is prepared. */
const claimsAtOnce = 4;
/** How small a claim is while the platform seems to be away. */
const probeSize = 10;
/** How long it stays for more before it returns: a workflow that is woken for each event grows fast. */
const lingerMs = 1_000;
const pollMs = 50;
/** An activity that never ended would keep its workflow from going on anew. */
const longestStayMs = 5 * 60_000;
/** How long requests under way may still be answered when the worker stops. */
const graceMs = 3_000;

/**
 * Sends what is due for one destination until nothing is left, and a little longer.
 *
 * @returns when the next delivery is due, in milliseconds since 1970; null when nothing waits or nothing may be sent.
 */
export async function deliverDue(
  dependencies: DeliveryDependencies,
  control: DeliveryControl,
  destinationId: string,
): Promise<{ nextDueAt: number | null }> {
  const claim = await beginClaim(dependencies.sql, destinationId);
  if (claim === null) return { nextDueAt: null };
  const pace = dependencies.paces.get(destinationId) ?? new Pace();
  dependencies.paces.set(destinationId, pace);
  const givingUp = new AbortController();
  const giveUpSoon = (): void => {
    setTimeout(() => givingUp.abort(new Error('The worker stops.')), graceMs).unref();
  };
  control.signal.addEventListener('abort', giveUpSoon, { once: true });
  try {
    await deliverAll({ ...dependencies, claim, pace, signal: givingUp.signal }, control);
  } catch (error) {
    if (error instanceof ClaimLost) return { nextDueAt: null };
    throw error;
  } finally {
    control.signal.removeEventListener('abort', giveUpSoon);
  }
  return { nextDueAt: await whenNext(dependencies, destinationId, pace) };
}

type Delivering = DeliveryDependencies & Pick<SendContext, 'claim' | 'pace' | 'signal'>;

/** Claims and sends until nothing is due any more; claims under way are finished whatever happens. */
async function deliverAll(delivering: Delivering, control: DeliveryControl): Promise<void> {
  const { sql, claim, pace } = delivering;
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const begun = performance.now();
  let foundAt = begun;
  let claimedSoFar = 0;
  try {
    while (!control.signal.aborted && failures.length === 0) {
      const destination = await load(delivering);
      if (destination === null) break;
      const isTime = performance.now() - begun < longestStayMs;
      const lanes = pace.isProbing ? 1 : claimsAtOnce;
      const size = pace.isProbing ? probeSize : destination.kind.batchSize;
      const mayClaim = isTime && running.size < lanes && pace.heldMs === 0;
      const claimed = mayClaim ? await claimDue(sql, claim, size) : [];
      if (claimed.length > 0) {
        foundAt = performance.now();
        claimedSoFar += claimed.length;
        control.heartbeat({ claimed: claimedSoFar });
        const work: Promise<void> = deliver(delivering, destination, claimed)
          .catch((error: unknown) => void failures.push(error))
          .finally(() => running.delete(work));
        running.add(work);
        continue;
      }
      const isIdle = performance.now() - foundAt > lingerMs;
      if (running.size === 0 && (isIdle || !isTime || pace.heldMs > lingerMs)) break;
      await wait(pollMs);
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
}

/** The destination as it is now, so that a change takes effect with the next claim; null when nothing may be sent. */
async function load({ sql, conversionKey, findKind, claim }: Delivering): Promise<Destination | null> {
  const destination = await loadDestination(sql, await conversionKey(), findKind, claim.destinationId);
  if (destination === null || destination.status === 'paused') return null;
  if (!destination.isDeleted) return destination;
  await skipDeleted(sql, destination.id);
  return null;
}

async function deliver(
  delivering: Delivering,
  destination: Destination,
  claimed: readonly ClaimedDelivery[],
): Promise<void> {
  const { sql, claim, signal, outboundMode } = delivering;
  const key = await delivering.conversionKey();
  const context: SendContext = { ...delivering, destination, key };
  const isSending = wholeSkipReason(destination, outboundMode) === null;
  const awaited = isSending ? byAwaitedRequest(claimed) : new Map<number, ClaimedDelivery[]>();
  const fresh = isSending ? claimed.filter((one) => one.awaited_request === null) : claimed;
  const rivals = await persist(signal, () =>
    findRivals(sql, destination.id, fresh, destination.kind.dedupWindowMs),
  );
  const options = { outboundMode, rivals, now: Date.now() };
  const { ready, settlements } = await prepare(destination, key, fresh, options);
  await persist(signal, () => settleUnsent(sql, claim, settlements));
  await Promise.all([
    ...intoBatches(destination, ready).map((batch) => sendBatch(context, batch)),
    ...[...awaited].map(([requestKey, deliveries]) => askForResult(context, requestKey, deliveries)),
  ]);
}

/** When there is something to do again: not before the platform may be asked again. */
async function whenNext(
  { sql, findKind, conversionKey }: DeliveryDependencies,
  destinationId: string,
  pace: Pace,
): Promise<number | null> {
  const destination = await loadDestination(sql, await conversionKey(), findKind, destinationId);
  if (destination === null || destination.isDeleted || destination.status === 'paused') return null;
  const due = await nextDueAt(sql, destinationId);
  return due === null ? null : Math.max(due.getTime(), Date.now() + pace.heldMs);
}
