import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { control } from './control/routes.ts';
import { answerConversions } from './conversions/routes.ts';
import { isRecord } from './files/json-facts.ts';
import { refusal } from './platform/reply.ts';
import { type PlatformRequest, readRequest } from './platform/request.ts';
import { answer } from './platform/routes.ts';
import { send } from './platform/send.ts';
import { answerSellerCenter } from './seller-center/routes.ts';
import type { Simulation } from './simulation.ts';

/** The HTTP server in front of a simulation; not yet listening. */
export function createSimulatorServer(simulation: Simulation, report: (error: unknown) => void): Server {
  const server = createServer((incoming, response) => {
    serve(simulation, incoming, response).catch((error: unknown) => {
      // A client that goes away in mid-request is everyday life; anything else is a defect of the simulator.
      if (!incoming.destroyed && !response.destroyed) report(error);
      response.destroy();
    });
  });
  server.keepAliveTimeout = 60_000;
  // Faults may hold a connection open for as long as a test wants.
  server.requestTimeout = 0;
  return server;
}

async function serve(
  simulation: Simulation,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { journal, clock, options } = simulation;
  response.setHeader('date', clock.header());
  const request = await readRequest(incoming);
  if (request === null) {
    await send(response, refusal(413, 36009021, 'The request is too big', clock.nowMs()), null, false);
    return;
  }
  if (request.path === '/control' || request.path.startsWith('/control/')) {
    if (!isLoopback(incoming.socket.remoteAddress)) {
      await send(
        response,
        refusal(403, 36009033, 'The control API answers this machine only', clock.nowMs()),
        null,
        false,
      );
      return;
    }
    await control(simulation, request, response);
    return;
  }
  const startedAt = performance.now();
  journal.begin();
  let open = true;
  const closed = (): void => {
    if (open) journal.end();
    open = false;
  };
  response.once('close', closed);
  try {
    if (options.latencyMs > 0) await sleep(options.latencyMs, undefined, { ref: false });
    const { route, shop, fault, reply } =
      answerConversions(simulation, request) ??
      answerSellerCenter(simulation, request) ??
      answer(simulation, request);
    const entry = {
      at: new Date(clock.nowMs()).toISOString(),
      method: request.method,
      route,
      shop_id: shop?.id ?? null,
      params: shownParameters(request),
      status: reply?.httpStatus ?? 0,
      code: reply?.code ?? 0,
      rows: reply?.rows ?? 0,
      throttled: reply?.throttled ?? false,
      fault: fault?.kind ?? null,
      duration_ms: Math.round((performance.now() - startedAt) * 100) / 100,
    };
    // Written before the answer leaves: whoever has the answer finds the call in the journal.
    journal.record(entry, reply?.body.length ?? 0);
    if (reply === null) return;
    response.setHeader('date', clock.header());
    const gzip = options.gzip && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    await send(response, reply, fault, gzip);
  } finally {
    if (response.destroyed) closed();
  }
}

const secret = new Set(['sign', 'app_secret', 'auth_code', 'refresh_token', 'access_token']);

function shownParameters(request: PlatformRequest): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of request.query) if (!secret.has(name)) shown[name] = value.slice(0, 500);
  if (request.body.length === 0 || request.body.length > 10_000) return shown;
  try {
    const body: unknown = JSON.parse(request.body.toString('utf8'));
    if (isRecord(body)) shown.body = body;
  } catch (error) {
    shown.body = error instanceof SyntaxError ? 'not JSON' : 'unreadable';
  }
  return shown;
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (/^(::ffff:)?127\./.test(address) || address === '::1');
}
