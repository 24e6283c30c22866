import { type EventNames, platformEventOf } from '../event-actions.ts';
import type { GoogleAdsSettings } from './settings.ts';

const counted = [
  'TRIAL_BOOKED',
  'TRIAL_RESCHEDULED',
  'APPOINTMENT_UPDATED',
  'COMPLETE_REGISTRATION',
  'INITIATE_CHECKOUT',
  'PURCHASE',
];

/** Google has no names of events that hold for all accounts: it counts by conversion actions, each account its own. */
const standard: ReadonlySet<string> = new Set();

/** @returns the number of the conversion action of an event; null where it has none */
export function conversionActionOf(eventName: string, settings: GoogleAdsSettings): string | null {
  const { conversion_action } = settings;
  const defaults: EventNames['defaults'] = new Map(
    conversion_action === undefined ? [] : counted.map((name) => [name, conversion_action]),
  );
  return platformEventOf(eventName, { defaults, standard }, settings);
}
