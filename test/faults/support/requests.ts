import { request } from 'node:http';
import type { FaultRig } from './fault-rig.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
}

export interface AskOptions {
  method?: 'GET' | 'POST';
  body?: unknown;
  headers?: Record<string, string>;
}

/**
 * One request on a connection of its own, so that what happens to the connection is what happened to the request.
 * Rejects as `node:http` does when the connection is refused or breaks.
 */
export function ask(rig: FaultRig, path: string, options: AskOptions = {}): Promise<Answer> {
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const call = request(`${rig.apiUrl}${path}`, {
      method: options.method ?? 'GET',
      agent: false,
      headers: {
        authorization: `Bearer ${rig.apiKey}`,
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
    });
    call.once('error', reject);
    call.once('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(parts).toString();
        if (!response.complete) return reject(new Error('The answer was cut off.'));
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
        });
      });
    });
    call.end(body);
  });
}

/** Asks for a full sync of shop-1; null when the connection broke before the answer. */
export async function postStart(
  rig: FaultRig,
  { key, shopId = 'shop-1' }: { key?: string; shopId?: string },
): Promise<Answer | null> {
  try {
    return await ask(rig, `/api/v1/shops/${shopId}/syncs`, {
      method: 'POST',
      body: { stream: 'orders', mode: 'full' },
      ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return null;
    throw error;
  }
}
