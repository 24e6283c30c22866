import { z } from 'zod';
import type { Medium } from '../../conversions/types.ts';
import { commonSettings, optionalText } from '../settings.ts';

/**
 * Settings of one pixel; several pixels are several destinations. TikTok refuses events that are too old; that its bounds
 * are 7 days for web and app and 28 for the rest is commonly quoted, not documented, hence a setting.
 */
export const settingsSchema = z.strictObject({
  ...commonSettings({ web: 7, app: 7, offline: 28, crm: 28 }),
  /** The code of the pixel: the source of web events. */
  pixel_id: optionalText,
  /** TikTok's id of the app: the source of app events. */
  app_id: optionalText,
  offline_event_set_id: optionalText,
  crm_event_set_id: optionalText,
  /** `legacy`: SubmitForm, CompletePayment; `current`: Lead, Purchase. Must be what the pixel on the page says. */
  event_names: z.enum(['legacy', 'current']).default('legacy'),
  partner_name: optionalText,
});

export type TikTokSettings = z.infer<typeof settingsSchema>;

export const secretsSchema = z.strictObject({ access_token: z.string().min(1).max(2_000) });

export type TikTokSecrets = z.infer<typeof secretsSchema>;

const sourceSettings = {
  web: 'pixel_id',
  app: 'app_id',
  offline: 'offline_event_set_id',
  crm: 'crm_event_set_id',
} as const satisfies Record<Medium, keyof TikTokSettings>;

/** @returns the setting that names the event source of a medium */
export function sourceSettingOf(medium: Medium): (typeof sourceSettings)[Medium] {
  return sourceSettings[medium];
}

/** @returns whether any medium has an event source */
export function hasEventSource(settings: TikTokSettings): boolean {
  return Object.values(sourceSettings).some((name) => settings[name] !== undefined);
}
