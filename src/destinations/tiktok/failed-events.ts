import { isJsonObject, type JsonObject } from '../../json-object.ts';
import { platformWords, textOf } from '../answers.ts';
import type { Verdict } from '../destination-kind.ts';
import type { TikTokEntry } from './payload.ts';

const listNames = ['failed_events', 'failed', 'failures', 'errors'];

/**
 * The events that a partial success (20001) names as failed, by their position in the request.
 *
 * @returns null where there is no list, it is empty, or an element of it cannot be tied to exactly one event: then
 *   nothing can be said of any of them
 */
export function failedEvents(
  data: JsonObject,
  entries: readonly TikTokEntry[],
): ReadonlyMap<number, Verdict> | null {
  const list = listNames.map((name) => data[name]).find((value) => Array.isArray(value));
  if (!Array.isArray(list) || list.length === 0) return null;
  const failed = new Map<number, Verdict>();
  for (const item of list) {
    const position = positionOf(item, entries);
    if (position === null) return null;
    failed.set(position, verdictOf(item));
  }
  return failed;
}

function positionOf(item: unknown, entries: readonly TikTokEntry[]): number | null {
  if (!isJsonObject(item)) return null;
  const id = textOf(item.event_id);
  const event = textOf(item.event);
  if (id !== null) {
    const found = entries.flatMap((entry, position) =>
      entry.event_id === id && (event === null || entry.event === event) ? [position] : [],
    );
    return found.length === 1 ? (found[0] ?? null) : null;
  }
  // From 0, as in the paths of 40002.
  const position = item.index ?? item.position;
  return typeof position === 'number' &&
    Number.isInteger(position) &&
    position >= 0 &&
    position < entries.length
    ? position
    : null;
}

function verdictOf(item: unknown): Verdict {
  const { code, message, error_message, error, reason } = isJsonObject(item) ? item : {};
  const words = platformWords([message, error_message, error, reason].find((text) => textOf(text) !== null));
  const text = `${typeof code === 'number' ? code : 20001}: ${words}`;
  const passing = code === 40100 || (typeof code === 'number' && code >= 50000);
  return passing ? { outcome: 'retry', reason: text, afterMs: null } : { outcome: 'rejected', reason: text };
}
