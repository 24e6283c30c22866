import { BodyWriter } from './body-writer.ts';

/** What a route answers, before it goes over the wire. */
export interface Reply {
  httpStatus: number;
  /** The envelope's code; 0 where the answer has none. */
  code: number;
  body: string | Buffer;
  contentType: string;
  headers: Record<string, string>;
  /** Records in the answer. */
  rows: number;
  throttled: boolean;
}

let counter = Math.floor(Math.random() * 0xffffff);

/** A request id of TikTok's form: 14 digits of time and 20 of hexadecimal. */
export function requestId(nowMs: number): string {
  counter = (counter + 1) % 0xffffffff;
  const time = new Date(nowMs).toISOString().replace(/\D/g, '').slice(0, 14);
  return `${time}51A0${counter.toString(16).padStart(16, '0').toUpperCase()}`;
}

/** An answer whose `data` is already JSON text, in pieces where it is long. */
export function success(data: string | Iterable<string>, rows: number, nowMs: number): Reply {
  const head = `{"code":0,"message":"Success","request_id":"${requestId(nowMs)}","data":`;
  return {
    httpStatus: 200,
    code: 0,
    body: typeof data === 'string' ? `${head}${data}}` : collect(head, data),
    contentType: 'application/json; charset=utf-8',
    headers: {},
    rows,
    throttled: false,
  };
}

// One writer for all: an answer is collected in one go, without waiting in between.
const writer = new BodyWriter();

function collect(head: string, pieces: Iterable<string>): Buffer {
  writer.write(head);
  for (const piece of pieces) writer.write(piece);
  writer.write('}');
  return writer.take();
}

/** A refusal in the platform's envelope. */
export function refusal(httpStatus: number, code: number, message: string, nowMs: number): Reply {
  return {
    httpStatus,
    code,
    body: JSON.stringify({ code, message, request_id: requestId(nowMs), data: null }),
    contentType: 'application/json; charset=utf-8',
    headers: {},
    rows: 0,
    throttled: false,
  };
}

/** A page for a browser. */
export function page(httpStatus: number, html: string): Reply {
  return {
    httpStatus,
    code: 0,
    body: html,
    contentType: 'text/html; charset=utf-8',
    headers: {},
    rows: 0,
    throttled: false,
  };
}
