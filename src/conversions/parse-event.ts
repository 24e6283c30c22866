import { readClickIds } from './click-ids.ts';
import { eventSchema, type GivenEvent } from './event-schema.ts';
import type { ConversionEvent, ConversionUser } from './types.ts';

/** One thing that is wrong with an event: where, and what. */
export interface EventFault {
  path: string;
  message: string;
}

export interface ParsedEvent {
  event: ConversionEvent;
  /** Ids of the destinations that were asked for; null: all. */
  destinations: readonly string[] | null;
}

/** Clocks of shops' servers run ahead; by more than this they are wrong. Seconds. */
const farthestAhead = 10 * 60;
/** Nothing that a platform could still count is older, but a wrong unit or an unset clock is. */
const earliest = Date.UTC(2010, 0, 1) / 1_000;
/** A list of faults longer than this helps nobody. */
const mostFaults = 20;

/**
 * Reads one event of a request. Values are trimmed, empty ones left out, click ids taken from the page's address.
 *
 * @param now Unix seconds.
 */
export function parseEvent(
  given: unknown,
  now: number,
): ParsedEvent | { faults: readonly [EventFault, ...EventFault[]] } {
  const result = eventSchema.safeParse(given);
  if (!result.success) {
    const [first, ...others] = result.error.issues.flatMap(faultsOf).slice(0, mostFaults);
    return { faults: [first ?? { path: 'event', message: 'is malformed.' }, ...others] };
  }
  const time = faultOfTime(result.data.event_time, now);
  if (time !== null) return { faults: [{ path: 'event_time', message: time }] };
  return { event: toEvent(result.data), destinations: result.data.destinations ?? null };
}

function faultOfTime(seconds: number, now: number): string | null {
  if (seconds > now + farthestAhead) return 'is in the future.';
  return seconds < earliest ? 'is before 2010: is it in Unix seconds?' : null;
}

function faultsOf(issue: {
  code?: string;
  path: PropertyKey[];
  message: string;
  keys?: string[];
}): EventFault[] {
  const at = (tail: string[]): string => [...issue.path, ...tail].map(String).join('.') || 'event';
  if (issue.code !== 'unrecognized_keys') return [{ path: at([]), message: issue.message }];
  return (issue.keys ?? []).map((key) => ({ path: at([key.slice(0, 100)]), message: 'is not known here.' }));
}

function toEvent(given: GivenEvent): ConversionEvent {
  const { event_id, event_name, event_time, test_event_code, limited_data_use } = given;
  const page = compact(given.page ?? {});
  const user = compact(given.user) as ConversionUser;
  const { contents, ...properties } = given.properties ?? {};
  return {
    event_name,
    event_id,
    event_time,
    medium: given.source ?? 'web',
    user: { ...user, ...readClickIds(page.url, event_time, user) },
    page,
    properties: compact({ ...properties, contents: contents?.map(compact) }) as ConversionEvent['properties'],
    ...compact({ test_event_code, limited_data_use }),
  };
}

/** Without the fields that are undefined. */
function compact<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]: NonNullable<Fields[Name]> } {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as { [Name in keyof Fields]: NonNullable<Fields[Name]> };
}
