import { isRecord } from '../files/json-facts.ts';
import { fraction } from '../random.ts';

const ways = [
  /** The whole request, with the event's path in the message. */
  'named',
  /** The whole request, nobody knows because of whom. */
  'unnamed',
  /** A partial success that names the event. */
  'listed',
  /** A partial success that names nobody. */
  'blind',
] as const;

/** Events that a platform will not take, however often they come. */
export interface Refusal {
  /** `tiktok`, `meta` or `google_ads`. */
  platform: string;
  eventIds: ReadonlySet<string> | null;
  /** Without ids: this share of all events, chosen by their ids and the seed. */
  share: number;
  seed: number;
  way: (typeof ways)[number];
  /** Google's name of the error; the words in the answers of the others. */
  error: string;
}

/** The events that are refused, whoever sends them in whatever batch. */
export class Refusals {
  #list: Refusal[] = [];

  list(): readonly Refusal[] {
    return this.#list;
  }

  add(refusal: Refusal): void {
    this.#list.push(refusal);
  }

  clear(): void {
    this.#list = [];
  }

  find(platform: string, eventId: string): Refusal | null {
    for (const refusal of this.#list) {
      if (refusal.platform !== platform) continue;
      const chosen =
        refusal.eventIds?.has(eventId) ?? fraction(refusal.seed, textHash(eventId), 5) < refusal.share;
      if (chosen) return refusal;
    }
    return null;
  }
}

/** Reads a refusal from the control API; a string says what is wrong. */
export function readRefusal(value: unknown): Refusal | string {
  if (!isRecord(value)) return 'a refusal is a JSON object';
  const { platform, event_ids, share, seed, error } = value;
  if (platform !== 'tiktok' && platform !== 'meta' && platform !== 'google_ads')
    return 'platform must be tiktok, meta or google_ads';
  const way = ways.find((name) => name === (value.way ?? 'named'));
  if (way === undefined) return `way must be one of ${ways.join(', ')}`;
  if (!Array.isArray(event_ids) && typeof share !== 'number') return 'event_ids or share is missing';
  return {
    platform,
    eventIds: Array.isArray(event_ids) ? new Set(event_ids.map(String)) : null,
    share: typeof share === 'number' ? share : 0,
    seed: typeof seed === 'number' ? seed : 1,
    way,
    error:
      typeof error === 'string' ? error : platform === 'google_ads' ? 'INVALID_GCLID' : 'Refused on purpose',
  };
}

function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
