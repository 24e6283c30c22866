import { z } from 'zod';
import type { mediums } from '../conversions/types.ts';

/** A text that a person typed: spaces around it are none of it, and an empty one is none at all. */
export const optionalText = z
  .string()
  .trim()
  .max(500)
  .transform((text) => (text === '' ? undefined : text))
  .optional();

const days = z.number().positive().max(3_650);

/**
 * The settings that every kind of destination has.
 *
 * @param largestAge days after which the platform no longer counts an event of the medium
 */
export function commonSettings(largestAge: Record<(typeof mediums)[number], number>) {
  return {
    /** Our name of an event, or any other, to the platform's; null or an empty text: not sent. */
    event_actions: z.record(z.string().min(1).max(100), z.string().trim().max(100).nullable()).default({}),
    /** The country of phone numbers that do not name theirs: its calling code. */
    phone_country_code: z
      .string()
      .regex(/^[1-9]\d{0,2}$/, 'must be a country calling code such as 1 or 44')
      .default('1'),
    largest_age_days: z
      .strictObject({
        web: days.default(largestAge.web),
        app: days.default(largestAge.app),
        offline: days.default(largestAge.offline),
        crm: days.default(largestAge.crm),
      })
      .default(largestAge),
    /** What an event must bring to be sent: a click or a contact, or anything to match it by. */
    identifiers: z.enum(['click_or_contact', 'any']).default('click_or_contact'),
    test_event_code: optionalText,
    requests_per_second: z.number().positive().max(1_000).optional(),
  };
}

const settings = z.object(commonSettings({ web: 1, app: 1, offline: 1, crm: 1 }));

export type CommonSettings = z.infer<typeof settings>;

/** @returns how old an event of the medium may be, in milliseconds */
export function largestAgeMs(medium: (typeof mediums)[number], { largest_age_days }: CommonSettings): number {
  return largest_age_days[medium] * 86_400_000;
}
