import { type EventFault, type ParsedEvent, parseEvent } from './parse-event.ts';

export type SourceEvent =
  | { parsed: ParsedEvent; leftOut: readonly EventFault[] }
  | { faults: readonly EventFault[] };

/** Parts that an event can do without. */
const optionalParts = ['user', 'page', 'properties'];

/**
 * Reads an event that a source of ours has made of what somebody else has written. A wrong value in a field that can be
 * missing does not lose the event: the field is left out and named.
 *
 * @param now Unix seconds.
 */
export function parseSourceEvent(given: Record<string, unknown>, now: number): SourceEvent {
  const first = parseEvent(given, now);
  if (!('faults' in first)) return { parsed: first, leftOut: [] };
  const second = parseEvent(without(given, first.faults), now);
  return 'faults' in second ? { faults: second.faults } : { parsed: second, leftOut: first.faults };
}

function without(given: Record<string, unknown>, faults: readonly EventFault[]): Record<string, unknown> {
  const wrong = new Set(faults.map(({ path }) => path.split('.').slice(0, 2).join('.')));
  const parts = optionalParts.map((part) => {
    const fields = Object.entries((given[part] ?? {}) as Record<string, unknown>);
    return [part, Object.fromEntries(fields.filter(([name]) => !wrong.has(`${part}.${name}`)))];
  });
  return { ...given, ...Object.fromEntries(parts) };
}
