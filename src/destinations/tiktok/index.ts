import type { ConversionEvent } from '../../conversions/types.ts';
import { compact } from '../compact.ts';
import type { DestinationKind, Mapping } from '../destination-kind.ts';
import { platformEventOf } from '../event-actions.ts';
import { largestAgeMs } from '../settings.ts';
import { apiVersion } from './api-version.ts';
import { eventNames } from './event-names.ts';
import { entryOf, type TikTokEntry } from './payload.ts';
import { readAnswer } from './read-answer.ts';
import {
  hasEventSource,
  secretsSchema,
  settingsSchema,
  sourceSettingOf,
  type TikTokSecrets,
  type TikTokSettings,
} from './settings.ts';

/** TikTok Events API 2.0: `POST /open_api/v1.3/event/track/`. */
export const tiktok: DestinationKind<TikTokSettings, TikTokSecrets, TikTokEntry> = {
  kind: 'tiktok',
  label: 'TIKTOK',
  settingsSchema,
  secretsSchema,
  mappingVersion: 1,
  batchSize: 1_000,
  dedupWindowMs: 48 * 3_600_000,
  requestsPerSecond: 10,
  origin: ({ tiktokEvents }) => tiktokEvents,
  listField: () => 'data',
  largestAgeMs: (event, settings) => largestAgeMs(event.medium, settings),

  missing(settings, secrets) {
    const names = [
      ...(hasEventSource(settings) ? [] : ['TIKTOK_PIXEL_ID']),
      ...(secrets.access_token ? [] : ['TIKTOK_ACCESS_TOKEN']),
    ];
    return names.length === 0 ? null : `Missing env: ${names.join(', ')}`;
  },

  platformEvent: (eventName, settings) =>
    platformEventOf(eventName, eventNames[settings.event_names], settings),

  map(event, settings): Mapping<TikTokEntry> {
    const platformEvent = platformEventOf(event.event_name, eventNames[settings.event_names], settings);
    if (platformEvent === null) return { skip: `No TikTok event mapping for: ${event.event_name}` };
    const source = sourceSettingOf(event.medium);
    if (settings[source] === undefined)
      return { skip: `No TikTok event source for ${event.medium} events: set ${source}` };
    const entry = entryOf(event, platformEvent, settings);
    return isIdentified(entry, settings)
      ? { entry }
      : { skip: 'Missing ttclid/ttp and user identifiers (email/phone)' };
  },

  batchKey: (_, event) => `${event.medium} ${event.test_event_code ?? ''}`,

  request: (entries, event, settings) => ({
    method: 'POST',
    path: `/open_api/${apiVersion}/event/track/`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      event_source: event.medium,
      event_source_id: settings[sourceSettingOf(event.medium)],
      ...compact({
        partner_name: settings.partner_name,
        test_event_code: testCode(event, settings),
      }),
      data: entries,
    }),
  }),

  authorize: (request, { access_token }) => ({
    ...request,
    headers: { ...request.headers, 'access-token': access_token },
  }),

  read: readAnswer,
  later: null,
  tokens: null,
};

/** A test code stands for the whole request, so an event's own comes before the destination's. */
function testCode(event: ConversionEvent, settings: TikTokSettings): string | undefined {
  return event.test_event_code ?? settings.test_event_code;
}

function isIdentified({ user = {} }: TikTokEntry, { identifiers }: TikTokSettings): boolean {
  if (user.ttclid ?? user.ttp ?? user.email ?? user.phone) return true;
  return identifiers === 'any' && (user.external_id ?? user.ip) !== undefined;
}
