import { type Destination, kindOf, loadDestination } from '../conversions/destinations.ts';
import type { ConversionEvent } from '../conversions/types.ts';
import { exchange } from './exchange.ts';
import { requestFor } from './preview.ts';
import type { DeliveryTools } from './tools.ts';

export type TestResult =
  | { ok: boolean; status: number | null; body: string; requestBody: string }
  | { ok: false; skipped: true; reason: string };

/** Long enough for a platform in trouble, short enough for a person who waits. */
const patienceMs = 20_000;

/** Sends one event at once and shows what the platform answers. Nothing of it is stored. */
export async function sendTestEvent(
  tools: DeliveryTools,
  destinationId: 'tiktok' | 'meta' | 'google_ads',
  event: ConversionEvent,
): Promise<TestResult> {
  const destination = await ofEnvironment(tools, destinationId);
  const made = requestFor(tools, destination, event);
  if ('skip' in made) return { ok: false, skipped: true, reason: made.skip };
  const { kind, settings, secrets } = destination;
  const signal = AbortSignal.timeout(patienceMs);
  const requestBody = made.request.body ?? '';
  const token = await tools.tokens.of(destination, signal);
  if (token.kind !== 'token') return { ok: false, status: null, body: token.reason, requestBody };
  const origin = kind.origin(tools.config.origins, settings);
  const authorized = kind.authorize(made.request, secrets, token.accessToken);
  const exchanged = await exchange(tools.http, origin, authorized, signal);
  if (exchanged.kind !== 'answer') return { ok: false, status: null, body: exchanged.reason, requestBody };
  const verdict = kind.read(exchanged.answer, [made.entry], settings);
  const outcome = verdict.kind === 'each' ? verdict.verdicts[0]?.outcome : undefined;
  const ok = outcome === 'delivered' || outcome === 'processing';
  return { ok, status: exchanged.answer.status, body: exchanged.answer.body, requestBody };
}

/** The destination of the environment, or what the environment lacks for it. */
async function ofEnvironment(
  tools: DeliveryTools,
  id: 'tiktok' | 'meta' | 'google_ads',
): Promise<Destination> {
  const stored = await loadDestination(tools.sql, await tools.conversionKey(), tools.findKind, id);
  if (stored !== null && !stored.isDeleted) return stored;
  const kind = kindOf(id, tools.findKind);
  return {
    ...{ id, kind, name: id, status: 'active', pauseReason: null, secrets: {}, version: '' },
    ...{ settings: kind.settingsSchema.parse({}), fromEnvironment: true, isDeleted: false },
  };
}
