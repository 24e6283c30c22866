import { TidelineError } from '../errors.ts';
import type { CommonSettings } from './settings.ts';

/** How one platform calls events. */
export interface EventNames {
  /** Our own names. */
  defaults: ReadonlyMap<string, string>;
  /** The platform's own: who uses them means them. */
  standard: ReadonlySet<string>;
}

/**
 * The platform's name of an event: what the settings say, else the platform's default for ours, else its own standard
 * name as it is.
 *
 * @returns null where there is none: the event is not sent
 */
export function platformEventOf(
  eventName: string,
  { defaults, standard }: EventNames,
  { event_actions }: CommonSettings,
): string | null {
  if (Object.hasOwn(event_actions, eventName)) return event_actions[eventName] || null;
  return defaults.get(eventName) ?? (standard.has(eventName) ? eventName : null);
}

/**
 * Reads `TRIAL_BOOKED=CompleteRegistration,TRIAL_CANCELED=`; nothing after the equals sign means "not sent".
 *
 * @throws TidelineError for the operator when an entry has no name or no equals sign
 */
export function readEventActions(text: string): Record<string, string | null> {
  const actions: Record<string, string | null> = {};
  for (const entry of text.split(',')) {
    if (entry.trim() === '') continue;
    const [, name, action] = /^\s*([^=\s]{1,100})\s*=\s*([^=]{0,100}?)\s*$/.exec(entry) ?? [];
    if (name === undefined) {
      throw new TidelineError({
        code: 'event-actions-invalid',
        message: 'Event actions must be EVENT_NAME=PlatformEvent, separated by commas.',
        actor: 'operator',
        action: 'Write, for example, TRIAL_BOOKED=CompleteRegistration,TRIAL_CANCELED=.',
      });
    }
    actions[name] = action === undefined || action === '' ? null : action;
  }
  return actions;
}
