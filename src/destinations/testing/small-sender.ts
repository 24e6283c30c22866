import type { ConversionEvent } from '../../conversions/types.ts';
import type {
  AnyDestinationKind,
  BatchVerdict,
  PlatformAnswer,
  PlatformRequest,
} from '../destination-kind.ts';
import type { CommonSettings } from '../settings.ts';

/** A destination as a sender knows it. */
export interface SmallDestination {
  kind: AnyDestinationKind;
  settings: CommonSettings;
  secrets: unknown;
  /** Where every platform is. */
  origin: string;
}

const mostRounds = 200;

/**
 * Sends a batch by the letter of the verdicts, without waiting: halves, leaves out, sends again, asks for later results.
 * It keeps no state and no time; what it settles shows whether requests and answers are understood.
 *
 * @returns by event id: `delivered`, `rejected`, `unmatched`, or `open` for what 200 rounds did not settle
 */
export async function sendAll(
  destination: SmallDestination,
  events: readonly ConversionEvent[],
): Promise<Map<string, string>> {
  const settled = new Map<string, string>();
  let queue: (readonly ConversionEvent[])[] = [events];
  for (let round = 0; round < mostRounds && queue.length > 0; round += 1) {
    const next: (readonly ConversionEvent[])[] = [];
    for (const batch of queue) next.push(...(await sendOne(destination, batch, settled)));
    queue = next.filter((batch) => batch.length > 0);
  }
  for (const { event_id } of queue.flat()) settled.set(event_id, 'open');
  return settled;
}

/** @returns what is to be sent again */
async function sendOne(
  destination: SmallDestination,
  batch: readonly ConversionEvent[],
  settled: Map<string, string>,
): Promise<(readonly ConversionEvent[])[]> {
  const { kind, settings } = destination;
  const entries = batch.map((event) => entryOf(destination, event));
  const [first] = batch;
  if (first === undefined) return [];
  const request = kind.request(entries, first, settings);
  const verdict = await finalVerdict(
    destination,
    kind.read(await exchange(destination, request), entries, settings),
    entries,
  );
  switch (verdict.kind) {
    case 'split': {
      const half = Math.ceil(batch.length / 2);
      return [batch.slice(0, half), batch.slice(half)];
    }
    case 'without': {
      const refused = batch[verdict.position];
      if (refused !== undefined) settled.set(refused.event_id, 'rejected');
      return [batch.filter((event) => event !== refused)];
    }
    case 'each': {
      const again = batch.filter((event, position) => {
        const outcome = verdict.verdicts[position]?.outcome ?? 'unknown';
        if (outcome === 'retry' || outcome === 'unknown') return true;
        settled.set(event.event_id, outcome);
        return false;
      });
      return [again];
    }
    default:
      return [batch];
  }
}

/** Asks until a request that was only taken in has its result. */
async function finalVerdict(
  destination: SmallDestination,
  first: BatchVerdict,
  entries: readonly unknown[],
): Promise<BatchVerdict> {
  const { kind, settings } = destination;
  const { requestId } = first;
  let verdict = first;
  for (let question = 0; question < mostRounds && isProcessing(verdict); question += 1) {
    if (kind.later === null || requestId === null) return verdict;
    const answer = await exchange(destination, kind.later.request(requestId, settings));
    verdict = kind.later.read(answer, entries, settings);
  }
  return verdict;
}

function isProcessing(verdict: BatchVerdict): boolean {
  return verdict.kind === 'each' && verdict.verdicts[0]?.outcome === 'processing';
}

export function entryOf({ kind, settings }: SmallDestination, event: ConversionEvent): unknown {
  const mapping = kind.map(event, settings);
  if ('skip' in mapping) throw new Error(mapping.skip);
  return mapping.entry;
}

/** @returns the answer; null when none came whole within half a second */
export async function exchange(
  { kind, secrets, origin }: SmallDestination,
  request: PlatformRequest,
): Promise<PlatformAnswer | null> {
  const token = kind.tokens === null ? null : await buyToken(kind, secrets, origin);
  return exchangeAsIs(kind.authorize(request, secrets, token), origin);
}

async function buyToken(kind: AnyDestinationKind, secrets: unknown, origin: string): Promise<string> {
  if (kind.tokens === null) throw new Error('This kind has no access tokens.');
  const answer = kind.tokens.read(await exchangeAsIs(kind.tokens.request(secrets), origin));
  if (answer.kind !== 'token') throw new Error(answer.reason);
  return answer.token;
}

async function exchangeAsIs(
  { method, path, headers, body }: PlatformRequest,
  origin: string,
): Promise<PlatformAnswer | null> {
  try {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers,
      body,
      signal: AbortSignal.timeout(500),
    });
    const text = await response.text();
    return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
  } catch (error) {
    // Reset, cut off or timed out: all that a sender learns is that it does not know.
    if (error instanceof Error) return null;
    throw error;
  }
}
