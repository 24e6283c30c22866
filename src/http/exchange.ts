import type { Dispatcher } from 'undici';
import { HttpError, toHttpError } from './http-error.ts';

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

interface ExchangeOptions {
  origin: string;
  limits: { headersTimeoutMs: number; bodyTimeoutMs: number; maxResponseBytes: number };
  signal: AbortSignal | undefined;
  resolve: (answer: Answer) => void;
  reject: (reason: unknown) => void;
}

type RawHeaders = Record<string, string | string[] | undefined>;

/** Receives one answer for undici: collects the body, keeps the deadlines and the size limit, settles once. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #status = 0;
  #headers: Record<string, string> = {};
  #received = 0;
  #settled = false;
  #failure: Error | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) {
      controller.abort(this.#failure ?? new Error('The request was given up before it was sent.'));
      return;
    }
    this.#deadline(this.#options.limits.headersTimeoutMs, 'sent no headers');
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = flatten(headers);
    const announced = Number(this.#headers['content-length'] ?? 0);
    if (announced > this.#options.limits.maxResponseBytes) {
      this.#tooLarge();
      return;
    }
    this.#deadline(this.#options.limits.bodyTimeoutMs, 'did not finish its answer');
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#received > this.#options.limits.maxResponseBytes) this.#tooLarge();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const first = this.#chunks[0];
    const body =
      first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#received);
    const answer = { status: this.#status, headers: this.#headers, body };
    this.#settle(() => this.#options.resolve(answer));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(() => this.#options.reject(toHttpError(this.#options.origin, error)));
  }

  #deadline(ms: number, fault: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#fail(new HttpError('timeout', `${this.#options.origin} ${fault} within ${ms} ms.`));
    }, ms);
  }

  #tooLarge(): void {
    const { origin, limits } = this.#options;
    this.#fail(
      new HttpError('too-large', `${origin} answered with more than ${limits.maxResponseBytes} bytes.`),
    );
  }

  readonly #onAbort = (): void => {
    this.#fail(this.#options.signal?.reason);
  };

  #fail(reason: unknown): void {
    this.#failure = reason instanceof Error ? reason : new Error('The request was aborted.');
    const controller = this.#controller;
    const failure = this.#failure;
    this.#settle(() => this.#options.reject(reason));
    controller?.abort(failure);
  }

  #settle(finish: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    finish();
  }
}

function flatten(headers: RawHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
