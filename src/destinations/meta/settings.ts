import { z } from 'zod';
import { commonSettings, optionalText } from '../settings.ts';
import { apiVersion } from './api-version.ts';

/**
 * Settings of one pixel or dataset. Meta refuses a whole request for one event older than 7 days, 62 for what happened in
 * a store ("Server event parameters").
 */
export const settingsSchema = z.strictObject({
  ...commonSettings({ web: 7, app: 7, offline: 62, crm: 7 }),
  pixel_id: optionalText,
  api_version: z
    .string()
    .regex(/^v\d{1,3}\.\d$/, 'must be a version of the Graph API such as v21.0')
    .default(apiVersion),
  partner_agent: optionalText,
});

export type MetaSettings = z.infer<typeof settingsSchema>;

export const secretsSchema = z.strictObject({ access_token: z.string().min(1).max(2_000) });

export type MetaSecrets = z.infer<typeof secretsSchema>;
