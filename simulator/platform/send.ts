import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Fault } from '../control/faults.ts';
import type { Reply } from './reply.ts';

/** Puts an answer on the wire, whole or broken in the way of the fault. Returns the bytes of the body that it meant to send. */
export async function send(
  response: ServerResponse,
  reply: Reply,
  fault: Fault | null,
  gzip: boolean,
): Promise<number> {
  let body = brokenBody(Buffer.isBuffer(reply.body) ? reply.body : Buffer.from(reply.body), fault);
  const headers: Record<string, string | number> = { 'content-type': reply.contentType, ...reply.headers };
  if (fault?.kind === 'bad_gzip') headers['content-encoding'] = 'gzip';
  else if (gzip && body.length > 1024) {
    body = gzipSync(body, { level: 1 });
    headers['content-encoding'] = 'gzip';
  }
  headers['content-length'] = body.length;
  switch (fault?.kind) {
    case 'lost_answer':
    case 'reset':
      response.socket?.resetAndDestroy();
      break;
    case 'reset_mid_body':
    case 'truncated': {
      const socket = response.socket;
      response.writeHead(reply.httpStatus, headers);
      await new Promise<void>((done) =>
        response.write(body.subarray(0, Math.floor(body.length / 2)), () => done()),
      );
      if (fault.kind === 'truncated') socket?.end();
      else socket?.resetAndDestroy();
      break;
    }
    case 'slow':
      response.writeHead(reply.httpStatus, headers);
      await trickle(response, body, fault.bytesPerSecond);
      break;
    default:
      response.writeHead(reply.httpStatus, headers);
      response.end(body);
  }
  return body.length;
}

function brokenBody(body: Buffer, fault: Fault | null): Buffer {
  switch (fault?.kind) {
    case 'malformed_json':
      return Buffer.concat([body.subarray(0, -1), Buffer.from(',"cut":{]}')]);
    case 'truncated_json':
      return body.subarray(0, Math.floor(body.length / 2));
    case 'bom':
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]);
    default:
      return body;
  }
}

async function trickle(response: ServerResponse, body: Buffer, bytesPerSecond: number): Promise<void> {
  const step = Math.max(1, Math.floor(bytesPerSecond / 10));
  const pauseMs = (1000 * step) / Math.max(0.1, bytesPerSecond);
  for (let at = 0; at < body.length && !response.destroyed; at += step) {
    response.write(body.subarray(at, at + step));
    await sleep(pauseMs, undefined, { ref: false });
  }
  if (!response.destroyed) response.end();
}
