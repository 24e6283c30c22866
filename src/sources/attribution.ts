/** Fields of metadata and forms that are handed on with an event, under the names that the snippet gives them. */
const userFields = [
  ...['ttclid', 'ttp', 'fbc', 'fbp', 'gclid', 'gbraid', 'wbraid'],
  ...['external_id', 'ip', 'user_agent'],
] as const;

/** What a site has put into the free fields of an appointment or a payment. */
export interface Attribution {
  /** The id that the site's pixel used for the same event. */
  event_id?: string;
  event_name?: string;
  user: Record<string, string>;
  page: { url?: string; referrer?: string };
}

/** Reads attribution from names and values; names may be written with spaces, dashes and capitals. */
export function readAttribution(fields: Iterable<readonly [name: string, value: unknown]>): Attribution {
  const known = new Map<string, string>();
  for (const [name, value] of fields) {
    if (typeof value === 'string' && value.trim() !== '') known.set(plainName(name), value.trim());
  }
  const found: Attribution = { user: {}, page: {} };
  for (const name of userFields) {
    const value = known.get(name);
    if (value !== undefined) found.user[name] = value;
  }
  const [url, referrer] = [known.get('page_url'), known.get('page_referrer') ?? known.get('referrer')];
  if (url !== undefined) found.page.url = url;
  if (referrer !== undefined) found.page.referrer = referrer;
  const [eventId, eventName] = [known.get('event_id'), known.get('event_name')];
  if (eventId !== undefined) found.event_id = eventId;
  if (eventName !== undefined) found.event_name = eventName;
  return found;
}

function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/^(tideline)?_+/, '')
    .replaceAll(/[\s-]+/g, '_');
}
