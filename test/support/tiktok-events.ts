import type { ServerResponse } from 'node:http';
import { type Received, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

interface Body {
  data: { event: string; event_id: string; event_time: number }[];
}

/** What the platform does with one request; it may count the events first, or not. */
export type Reaction = (response: ServerResponse, body: Body, count: () => void) => void;

export interface TikTokEvents extends ScriptedServer {
  /** How often the platform has counted each event, after telling doubles apart. */
  counted: Map<string, number>;
  /** One reaction for each request; the last one stays. */
  react(...reactions: Reaction[]): void;
}

export function answer(code: number, message = 'OK', status = 200, data: unknown = {}): Reaction {
  return (response, _, count) => {
    if (code === 0) count();
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ code, message, request_id: `req-${code}`, data }));
  };
}

/** TikTok's Events API as far as deliveries are tried on it: it counts each event and id once. */
export async function startTikTokEvents(): Promise<TikTokEvents> {
  const server = await startScriptedServer();
  const counted = new Map<string, number>();
  const react: TikTokEvents['react'] = (...reactions) => {
    server.play(
      ...reactions.map((reaction) => (response: ServerResponse, received: Received) => {
        const body = JSON.parse(received.body) as Body;
        reaction(response, body, () => {
          for (const { event, event_id: id } of body.data) counted.set(`${event} ${id}`, 1);
        });
      }),
    );
  };
  react(answer(0));
  return { ...server, counted, react };
}
