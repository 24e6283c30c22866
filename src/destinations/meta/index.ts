import type { ConversionEvent } from '../../conversions/types.ts';
import { compact } from '../compact.ts';
import type { DestinationKind, Mapping } from '../destination-kind.ts';
import { platformEventOf } from '../event-actions.ts';
import { largestAgeMs } from '../settings.ts';
import { eventNames } from './event-names.ts';
import { entryOf, type MetaEntry } from './payload.ts';
import { readAnswer } from './read-answer.ts';
import { type MetaSecrets, type MetaSettings, secretsSchema, settingsSchema } from './settings.ts';

/** Meta Conversions API: `POST /{version}/{pixel}/events`. */
export const meta: DestinationKind<MetaSettings, MetaSecrets, MetaEntry> = {
  kind: 'meta',
  label: 'META',
  settingsSchema,
  secretsSchema,
  mappingVersion: 1,
  batchSize: 1_000,
  dedupWindowMs: 48 * 3_600_000,
  requestsPerSecond: 10,
  largestAgeMs: (event, settings) => largestAgeMs(event.medium, settings),
  origin: ({ metaGraph }) => metaGraph,
  listField: () => 'data',
  tokens: null,
  later: null,

  missing(settings, secrets) {
    const names = [
      ...(settings.pixel_id === undefined ? ['META_PIXEL_ID'] : []),
      ...(secrets.access_token ? [] : ['META_ACCESS_TOKEN']),
    ];
    return names.length === 0 ? null : `Missing env: ${names.join(', ')}`;
  },

  platformEvent: (eventName, settings) => platformEventOf(eventName, eventNames, settings),

  map(event, settings): Mapping<MetaEntry> {
    const platformEvent = platformEventOf(event.event_name, eventNames, settings);
    if (platformEvent === null) return { skip: `No Meta event mapping for: ${event.event_name}` };
    const entry = entryOf(event, platformEvent, settings);
    if (!isIdentified(entry, settings)) return { skip: 'Missing fbc/fbp and user identifiers (email/phone)' };
    const { value, currency } = entry.custom_data ?? {};
    if (platformEvent === 'Purchase' && (value === undefined || currency === undefined))
      return { skip: 'Missing value and currency, which Meta asks of a Purchase' };
    return { entry };
  },

  batchKey: (_, event) => event.test_event_code ?? '',

  request: (entries, event, settings) => ({
    method: 'POST',
    path: `/${settings.api_version}/${encodeURIComponent(settings.pixel_id ?? '')}/events`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...compact({
        partner_agent: settings.partner_agent,
        test_event_code: testCode(event, settings),
      }),
      data: entries,
    }),
  }),

  authorize: (request, { access_token }) => ({
    ...request,
    path: `${request.path}?access_token=${encodeURIComponent(access_token)}`,
  }),

  read: readAnswer,
};

function testCode(event: ConversionEvent, settings: MetaSettings): string | undefined {
  return event.test_event_code ?? settings.test_event_code;
}

function isIdentified({ user_data: user }: MetaEntry, { identifiers }: MetaSettings): boolean {
  if (user.fbc ?? user.fbp ?? user.em ?? user.ph) return true;
  return identifiers === 'any' && (user.external_id ?? user.client_ip_address) !== undefined;
}
