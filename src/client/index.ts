import { type IncomingRequest, readVisitor, type VisitorOptions } from './visitor.ts';

export { type IncomingRequest, readVisitor, type Visitor, type VisitorOptions } from './visitor.ts';

type OneOrMany = string | readonly string[];

/** An event as `POST /api/v1/conversions` takes it; docs/conversions.md explains the fields. */
export interface TidelineEvent {
  /** The same as that of your pixel. Made up when it is left out: then a repeat cannot be told. */
  event_id?: string;
  event_name: string;
  /** RFC 3339 or Unix seconds; now, when left out. */
  event_time?: string | number;
  user?: { email?: OneOrMany; phone?: OneOrMany; external_id?: OneOrMany } & Partial<
    Record<
      | 'first_name'
      | 'last_name'
      | 'city'
      | 'state'
      | 'zip_code'
      | 'country'
      | 'ip'
      | 'user_agent'
      | 'locale'
      | 'ttclid'
      | 'ttp'
      | 'fbc'
      | 'fbp'
      | 'gclid'
      | 'gbraid'
      | 'wbraid',
      string
    >
  >;
  source?: 'web' | 'app' | 'offline' | 'crm';
  page?: { url?: string; referrer?: string };
  properties?: Record<string, unknown>;
  destinations?: readonly string[];
  test_event_code?: string;
  limited_data_use?: boolean;
}

/** What Tideline said of the events. */
export interface Acceptance {
  accepted: { event_id: string; deliveries: { destination: string; delivery_id: string }[] }[];
  duplicates: string[];
  rejected: { index: number; errors: { path: string; message: string }[] }[];
}

/** `ok` once the events are durable, which says nothing of each: some may be rejected. */
export type SendResult = { ok: true; acceptance: Acceptance } | { ok: false; reason: string };

export interface ClientOptions {
  /** Address of Tideline, such as `https://tideline.example.com`. */
  url: string;
  /** A key with the scope `ingest`; it belongs on a server, never into a page. */
  apiKey: string;
  /** For one try, milliseconds. */
  timeoutMs?: number;
  /** Tries after the first; the events keep their ids, so that none is counted twice. */
  retries?: number;
}

export interface TidelineClient {
  /** Sends events. Never rejects. */
  send(...events: readonly TidelineEvent[]): Promise<SendResult>;
  /** As {@link TidelineClient.send}, with what the visitor's request tells; what the event says itself wins. */
  track(request: IncomingRequest, event: TidelineEvent, options?: VisitorOptions): Promise<SendResult>;
}

/** Sends events from a server. Whatever goes wrong is told in the result: a visitor's request never fails by it. */
export function createTidelineClient(options: ClientOptions): TidelineClient {
  const { retries = 2 } = options;

  async function send(...events: readonly TidelineEvent[]): Promise<SendResult> {
    try {
      const body = JSON.stringify({ events: events.map(complete) });
      let result = await post(options, body);
      for (let retry = 0; retry < retries && 'again' in result; retry += 1) {
        await wait(200 * 2 ** retry);
        result = await post(options, body);
      }
      return 'again' in result ? { ok: false, reason: result.reason } : result;
    } catch (error) {
      return { ok: false, reason: messageOf(error) };
    }
  }

  return {
    send,
    async track(request, event, visitorOptions) {
      try {
        const { user, page, ...visitor } = readVisitor(request, visitorOptions);
        const merged = {
          ...visitor,
          ...event,
          user: { ...user, ...event.user },
          page: { ...page, ...event.page },
        };
        return await send(merged);
      } catch (error) {
        return { ok: false, reason: messageOf(error) };
      }
    },
  };
}

function complete(event: TidelineEvent): TidelineEvent {
  return {
    ...event,
    event_id: event.event_id ?? crypto.randomUUID(),
    event_time: event.event_time ?? Math.floor(Date.now() / 1_000),
  };
}

type Try = SendResult | { again: true; reason: string };

async function post({ url, apiKey, timeoutMs = 2_000 }: ClientOptions, body: string): Promise<Try> {
  let response: Response;
  try {
    response = await fetch(`${url.replace(/\/+$/, '')}/api/v1/conversions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status === 202) return { ok: true, acceptance: (await response.json()) as Acceptance };
  } catch (error) {
    // Refused, reset, too slow, or cut off in the answer: the events may be stored or not, and their ids tell.
    return { again: true, reason: messageOf(error) };
  }
  const reason = `Tideline answered ${response.status}.`;
  return response.status === 429 || response.status >= 500 ? { again: true, reason } : { ok: false, reason };
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something that is no error was thrown.';
}
