import { type Destination, listDestinations } from '../conversions/destinations.ts';
import { namesOfBits, parameterBits, parameterNames } from '../conversions/parameters.ts';
import type { ConversionEvent } from '../conversions/types.ts';
import { tooOld, wholeSkipReason } from './prepare.ts';
import { batchRequest } from './send-batch.ts';
import type { DeliveryTools } from './tools.ts';

export interface Preview {
  destination: string;
  destination_kind: string;
  platform_event: string | null;
  /** Why nothing would be sent; null when something would. */
  skip_reason: string | null;
  /** What would be sent, without tokens. */
  request: { method: string; url: string; body: string | null } | null;
  /** What platforms match by and the event does not bring. */
  missing: readonly string[];
}

/** What would become of an event at each destination, by the sender's own functions. Nothing is stored or sent. */
export async function previewEvent(
  tools: DeliveryTools,
  event: ConversionEvent,
  destinationIds: readonly string[] | null,
): Promise<Preview[]> {
  const all = await listDestinations(tools.sql, await tools.conversionKey(), tools.findKind);
  const asked = all.filter(({ id }) => destinationIds === null || destinationIds.includes(id));
  return asked.map((destination) => previewAt(tools, destination, event));
}

/** The request for one event at one destination, or why there is none; reasons are looked for in the order of sending. */
export function requestFor(
  { config }: Pick<DeliveryTools, 'config'>,
  destination: Destination,
  event: ConversionEvent,
): { skip: string } | { entry: unknown; request: ReturnType<typeof batchRequest> } {
  const { kind, settings } = destination;
  const skip = wholeSkipReason(destination, config.outboundMode);
  if (skip !== null) return { skip };
  const mapping = kind.map(event, settings);
  if ('skip' in mapping) return mapping;
  const now = Date.now();
  const old = tooOld(destination, event, { now, acceptedAt: now });
  if (old !== null) return { skip: old.reason };
  return { entry: mapping.entry, request: batchRequest(destination, [{ entry: mapping.entry, event }]) };
}

function previewAt(tools: DeliveryTools, destination: Destination, event: ConversionEvent): Preview {
  const { id, kind, settings } = destination;
  const made = requestFor(tools, destination, event);
  const known = namesOfBits(parameterBits(event));
  return {
    destination: id,
    destination_kind: kind.kind,
    platform_event: kind.platformEvent(event.event_name, settings),
    skip_reason: 'skip' in made ? made.skip : null,
    request:
      'skip' in made
        ? null
        : {
            method: made.request.method,
            url: `${kind.origin(tools.config.origins, settings)}${made.request.path}`,
            body: made.request.body,
          },
    missing: parameterNames.filter((name) => !known.includes(name)),
  };
}
