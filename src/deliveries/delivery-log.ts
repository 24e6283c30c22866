import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import type { DataKey } from '../shops/data-keys.ts';
import { createHiding } from './hide-personal.ts';

/** One exchange with a platform, as it happened. */
export interface LoggedExchange {
  destinationId: string;
  kind: string;
  mappingVersion: number;
  method: string;
  path: string;
  requestBody: string | null;
  /** Null when no whole answer came. */
  responseCode: number | null;
  responseBody: string | null;
  platformRequestId: string | null;
  durationMs: number;
  /** What was made of it for each delivery, in the order of the request. */
  deliveries: readonly { id: string; outcome: string; reason: string | null }[];
}

/** Files of exchanges, for those who want files. The evidence of deliveries is in the database, with or without them. */
export interface DeliveryLog {
  /** Returns at once and never throws: what cannot be written is left out, and the process's log says how much. */
  record(key: DataKey, exchange: LoggedExchange): void;
  /** Resolves when what was recorded is written. */
  close(): Promise<void>;
}

export const noDeliveryLog: DeliveryLog = { record: () => undefined, close: async () => undefined };

export interface DeliveryLogOptions {
  /** Where the files of the destinations are: `<destination>.log`, `<destination>.log.1` and so on, the oldest last. */
  directory: string;
  log: Pick<Logger, 'warn'>;
  /** Of one file, such as `50M`. */
  size?: `${number}${'B' | 'K' | 'M'}`;
}

/** Files of one destination. */
const files = 5;
/** Exchanges that wait to be written, of up to some megabytes each; a disk that takes no more must not cost memory. */
const mostWaiting = 30;
/** What the stream of a destination may hold back. */
const mostBufferedBytes = 32 * 1024 * 1024;
const warnEveryMs = 60_000;

/** Writes a line of JSON for each exchange, what is personal in it hashed, into files that rotate. */
export function createDeliveryLog({ directory, log, size = '50M' }: DeliveryLogOptions): DeliveryLog {
  const streams = new Map<string, RotatingFileStream>();
  const waiting: { key: DataKey; at: string; exchange: LoggedExchange }[] = [];
  let left = 0;
  let warnedAt = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> | null = null;

  /** A full disk refuses every line: one word a minute is enough. */
  function warnOf(error: unknown, destinationId: string): void {
    if (performance.now() - warnedAt < warnEveryMs) return;
    warnedAt = performance.now();
    log.warn({ err: error, destinationId }, 'the delivery log files could not be written');
  }

  function streamOf(destinationId: string): RotatingFileStream {
    const known = streams.get(destinationId);
    if (known !== undefined) return known;
    const name = `${destinationId}.log`;
    const stream = createStream(name, { path: directory, size, rotate: files - 1, mode: 0o600 });
    stream.on('warning', (error) => warnOf(error, destinationId));
    stream.on('error', (error) => {
      warnOf(error, destinationId);
      // The next exchange begins anew: the disk may have room again, or the folder be back.
      streams.delete(destinationId);
    });
    streams.set(destinationId, stream);
    return stream;
  }

  async function writeAll(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        const line = await lineOf(next.key, next.at, next.exchange);
        const stream = streamOf(next.exchange.destinationId);
        if (stream.writableLength > mostBufferedBytes) leaveOut();
        else stream.write(line);
      } catch (error) {
        warnOf(error, next.exchange.destinationId);
      }
    }
    writing = null;
  }

  function leaveOut(): void {
    left += 1;
    if (Number.isInteger(Math.log10(left)))
      log.warn({ left }, 'exchanges are left out of the delivery log files');
  }

  return {
    record(key, exchange) {
      if (waiting.length >= mostWaiting) return leaveOut();
      waiting.push({ key, at: new Date().toISOString(), exchange });
      writing ??= writeAll();
    },
    async close() {
      while (writing !== null) await writing;
      await Promise.all([...streams.values()].map(endOf));
    },
  };
}

function endOf(stream: RotatingFileStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.end(() => resolve());
  });
}

async function lineOf(key: DataKey, at: string, exchange: LoggedExchange): Promise<string> {
  const { requestBody, responseBody, deliveries, ...facts } = exchange;
  const { hide, hideText } = createHiding((value) => key.fingerprint(value, 'delivery-log'));
  // A batch is a megabyte: whoever waits for the event loop is let in between.
  await nextTurn();
  const request = hide(requestBody);
  await nextTurn();
  const response = hide(responseBody);
  await nextTurn();
  const line = {
    at,
    destination: facts.destinationId,
    kind: facts.kind,
    mapping_version: facts.mappingVersion,
    duration_ms: facts.durationMs,
    request: { method: facts.method, path: facts.path, body: request },
    response:
      facts.responseCode === null
        ? null
        : { code: facts.responseCode, request_id: facts.platformRequestId, body: response },
    deliveries: deliveries.map(({ id, outcome, reason }) => ({
      ...{ id, outcome },
      reason: reason === null ? null : hideText(reason),
    })),
  };
  return `${JSON.stringify(line)}\n`;
}
