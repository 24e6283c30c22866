import { createHmac } from 'node:crypto';
import { createHttpClient } from '../../src/http/request.ts';
import { createAcuityClient } from '../../src/sources/acuity/client.ts';
import { processWebhooks, type WebhookProcessing } from '../../src/webhooks/process-webhooks.ts';
import type { WebhookSource } from '../../src/webhooks/sources.ts';
import { acuityApiKey, startTestApi, stripeSecret, type TestApi } from './api.ts';
import { type ScriptedServer, type Step, startScriptedServer } from './scripted-server.ts';

export interface StoredEvent {
  event_name: string;
  event_id: string;
  origin: string;
}

export interface ShownWebhook {
  id: string;
  status: string;
  reason: string | null;
  receipts: number;
  topic: string;
}

/** The real API with one destination, an Acuity that answers by a script, and nobody who works unless told to. */
export interface WebhookSources {
  api: TestApi;
  acuity: ScriptedServer;
  /** Works off what is due; milliseconds until the next is due, null when none waits. */
  work(source: WebhookSource): Promise<number | null>;
  post(path: string, body: string, headers: Record<string, string>): Promise<Response>;
  postAcuity(action: string, id?: string): Promise<Response>;
  /** Signed as of now, where no header is given. */
  postStripe(event: object, header?: string): Promise<Response>;
  /** In the order in which they were accepted. */
  events(): Promise<StoredEvent[]>;
  webhooks(): Promise<ShownWebhook[]>;
  close(): Promise<void>;
}

export async function startWebhookSources(): Promise<WebhookSources> {
  const api = await startTestApi();
  const acuity = await startScriptedServer();
  const http = createHttpClient({
    connectTimeoutMs: 2_000,
    headersTimeoutMs: 2_000,
    bodyTimeoutMs: 2_000,
    maxResponseBytes: 1 << 20,
    connectionsPerOrigin: 10,
  });
  const { sql, conversionKey, intake } = api.dependencies;
  const client = createAcuityClient({ http, apiUrl: acuity.url, userId: '77', apiKey: acuityApiKey });
  const processing: WebhookProcessing = { sql, conversionKey, intake, acuity: client };
  await sql`insert into destinations (destination_id, kind, name, settings) values ('tiktok', 'tiktok', 'TikTok', '{}')`;
  const post: WebhookSources['post'] = async (path, body, headers) =>
    api.app.request(path, { method: 'POST', body, headers });
  return {
    ...{ api, acuity, post },
    work: (source) => processWebhooks(processing, source, new AbortController().signal),
    postAcuity(action, id = '54321') {
      const body = `action=${action}&id=${id}&calendarID=2&appointmentTypeID=3`;
      const signature = createHmac('sha256', acuityApiKey).update(body).digest('base64');
      return post('/webhooks/acuity', body, {
        'content-type': 'application/x-www-form-urlencoded',
        'x-acuity-signature': signature,
      });
    },
    postStripe(event, header) {
      const body = JSON.stringify(event);
      return post('/webhooks/stripe', body, {
        'content-type': 'application/json',
        'stripe-signature': header ?? signStripe(body),
      });
    },
    events: async () => [
      ...(await sql<StoredEvent[]>`
        select event_name, event_id, origin from conversion_events order by event_key`),
    ],
    async webhooks() {
      const answer = await api.get('/api/v1/webhook_events');
      return ((await answer.json()) as { data: ShownWebhook[] }).data;
    },
    async close() {
      await http.close();
      await acuity.close();
      await api.close();
    },
  };
}

export function signStripe(body: string, time = Math.floor(Date.now() / 1_000)): string {
  return `t=${time},v1=${createHmac('sha256', stripeSecret).update(`${time}.${body}`).digest('hex')}`;
}

/** A step that answers with JSON. */
export const json =
  (body: unknown, status = 200): Step =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
