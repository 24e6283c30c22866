import type { z } from 'zod';
import type { ConversionEvent } from '../conversions/types.ts';
import type { CommonSettings } from './settings.ts';

/** An event as one platform takes it, or why it is not sent there. */
export type Mapping<Entry> = { entry: Entry } | { skip: string };

/** A request to a platform, complete but for nothing: what is sent is what is kept as evidence. */
export interface PlatformRequest {
  method: 'POST' | 'GET';
  /** Below the origin of the kind, with its query; tokens are never part of it. */
  path: string;
  /** Without tokens: these are added when it is sent. */
  headers: Readonly<Record<string, string>>;
  body: string | null;
}

/** What came back; `null` instead of it means that no whole answer came and the outcome is unknown. */
export interface PlatformAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What an answer says of one event of the batch. */
export type Verdict =
  | { outcome: 'delivered' }
  /** Refused for good; `reason` in the platform's own words. */
  | { outcome: 'rejected'; reason: string }
  /** Well formed, but not from one of the platform's ads: nothing to alarm anybody about. */
  | { outcome: 'unmatched'; reason: string }
  /** Not now; after `afterMs`, or after the usual wait where it is null. */
  | { outcome: 'retry'; reason: string; afterMs: number | null }
  /**
   * It may have been counted, or not: to be sent again under the same id while the platform tells doubles apart, or
   * until `retries` waits are used up where more would not tell more.
   */
  | { outcome: 'unknown'; reason: string; retries?: number }
  /** Taken, and judged later: to be asked for under the request's id after `afterMs`. */
  | { outcome: 'processing'; afterMs: number };

/** What an answer says of a batch. */
export type BatchVerdict =
  /** Event by event, in the order of the batch. */
  | { kind: 'each'; verdicts: readonly Verdict[]; requestId: string | null }
  /**
   * Something in it was refused, nobody knows what: to be halved, under the same ids. `taken` says whether the rest may
   * have been counted all the same. Never said of one event alone.
   */
  | { kind: 'split'; taken: 'nothing' | 'perhaps'; reason: string; requestId: string | null }
  /** Nothing of it was taken, the reason is in one event: that one is rejected, the rest is sent again. */
  | { kind: 'without'; position: number; reason: string; requestId: string | null }
  /** Nothing of it was taken, and nothing will be until a person acts: `reason` says what to do. */
  | { kind: 'pause'; reason: string; requestId: string | null }
  /** Nothing of it was taken: the access token has ended before its time. */
  | { kind: 'renew'; reason: string; requestId: string | null };

/** Where the platforms are, from the configuration: origins with an optional prefix, no trailing slash. */
export interface PlatformOrigins {
  tiktokEvents: string;
  metaGraph: string;
  googleDataManager: string;
  googleAds: string;
  googleOauth: string;
}

/** What came of asking for an access token. */
export type TokenAnswer =
  | { kind: 'token'; token: string; expiresInMs: number }
  /** Only a person can help; `reason` says with what. */
  | { kind: 'pause'; reason: string }
  | { kind: 'retry'; reason: string };

/** For platforms whose secrets become access tokens that end. */
export interface TokenExchange<Secrets> {
  origin(origins: PlatformOrigins): string;
  /** Holds secrets: never kept as evidence. */
  request(secrets: Secrets): PlatformRequest;
  read(answer: PlatformAnswer | null): TokenAnswer;
}

/** For platforms that take a request and judge it later. */
export interface LaterResult<Settings, Entry> {
  /** Asks for the result of the request that the platform knows by `requestId`. */
  request(requestId: string, settings: Settings): PlatformRequest;
  /**
   * `processing` for every event while there is none yet, or while the question was not answered.
   *
   * @param entries those of the request, in its order
   */
  read(answer: PlatformAnswer | null, entries: readonly Entry[], settings: Settings): BatchVerdict;
}

/** Everything about one kind of platform. All of it is pure: preview and sender are the same code. */
export interface DestinationKind<Settings extends CommonSettings, Secrets, Entry> {
  kind: 'tiktok' | 'meta' | 'google_ads';
  /** As it stands in skip reasons: `TIKTOK mock mode`. */
  label: string;
  /** What may be set through the API, with defaults. */
  settingsSchema: z.ZodType<Settings>;
  secretsSchema: z.ZodType<Secrets>;
  /** Raised with every change of what `map` makes of an event. */
  mappingVersion: number;
  /** Most events of one request. */
  batchSize: number;
  /** How long the platform tells doubles of one id apart, from the first. */
  dedupWindowMs: number;
  /** Requests a second, when nothing else is set. */
  requestsPerSecond: number;
  /** How old an event of the medium may be when the platform still counts it. */
  largestAgeMs(event: ConversionEvent, settings: Settings): number;
  /** The platform's origin for these settings. */
  origin(origins: PlatformOrigins, settings: Settings): string;
  /** The field of the request's body that lists the entries: what one event's share of the evidence is cut out of. */
  listField(settings: Settings): string;
  /** Null where secrets are used as they are. */
  tokens: TokenExchange<Secrets> | null;
  /** Null where every answer is final. */
  later: LaterResult<Settings, Entry> | null;
  /** What is missing before anything can be sent, in the words that a skipped delivery carries; null when nothing is. */
  missing(settings: Settings, secrets: Partial<Secrets>): string | null;
  /** The platform's name of an event; null where it has none. */
  platformEvent(eventName: string, settings: Settings): string | null;
  /** One event; skips, in a fixed order, for what the event itself lacks. */
  map(event: ConversionEvent, settings: Settings): Mapping<Entry>;
  /** Entries may share a request when this is equal: one event source, and test events by themselves. */
  batchKey(entry: Entry, event: ConversionEvent): string;
  request(entries: readonly Entry[], event: ConversionEvent, settings: Settings): PlatformRequest;
  /** Where to send it, and with what secrets: the only place where a token meets a request. */
  authorize(request: PlatformRequest, secrets: Secrets, accessToken: string | null): PlatformRequest;
  /** @param entries those of the request, in its order */
  read(answer: PlatformAnswer | null, entries: readonly Entry[], settings: Settings): BatchVerdict;
}

/** A kind among others, whose entries and secrets only it understands. */
export type AnyDestinationKind = DestinationKind<CommonSettings, unknown, unknown>;
