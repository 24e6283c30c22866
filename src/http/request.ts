import { Agent } from 'undici';
import { assertAllowedUrl, isLoopbackHost } from './allowed-url.ts';
import { acceptedEncodings, decodeContent } from './content-encoding.ts';
import { Exchange } from './exchange.ts';

export interface HttpClientOptions {
  /** Until the TCP and TLS handshakes are done; counted in steps of about half a second. */
  connectTimeoutMs: number;
  /** From the request's start on the wire until the answer's headers. */
  headersTimeoutMs: number;
  /** For the whole body, from the headers to its last byte: a body that drips for ever is cut. */
  bodyTimeoutMs: number;
  /** Counted before and after the content encoding is undone. */
  maxResponseBytes: number;
  /** Connections that one origin may have open at once; further requests queue. */
  connectionsPerOrigin: number;
}

export interface HttpRequest {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  body?: Buffer | null;
  signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  status: number;
  /** Lower-case names; a repeated header is joined with a comma. */
  headers: Record<string, string>;
  /** Whole body with its content encoding undone. */
  body: Buffer;
}

export interface HttpClient {
  /**
   * One request, no redirects and no retries.
   *
   * @throws HttpError when no whole answer came; the signal's reason when it was aborted; TidelineError for http
   * beyond loopback.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Closes idle connections and breaks those in use. */
  close(): Promise<void>;
}

/** One keep-alive pool for everything that a process asks of upstreams. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const agent = new Agent({
    connections: options.connectionsPerOrigin,
    pipelining: 1,
    keepAliveTimeout: 20_000,
    connect: { timeout: options.connectTimeoutMs },
    // Own timers cut headers and body: undici's body timeout restarts with every byte.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  return {
    async request({ method, url, headers, body, signal }) {
      assertAllowedUrl(url);
      signal?.throwIfAborted();
      const answer = await new Promise<HttpResponse>((resolve, reject) => {
        const exchange = new Exchange({ origin: url.origin, limits: options, signal, resolve, reject });
        agent.dispatch(
          {
            origin: url.origin,
            path: url.pathname + url.search,
            method,
            // Compression saves the network; on loopback it would only cost both sides CPU.
            headers: {
              'accept-encoding': isLoopbackHost(url.hostname) ? 'identity' : acceptedEncodings,
              ...headers,
            },
            body: body ?? null,
          },
          exchange,
        );
      });
      const encoding = answer.headers['content-encoding'];
      if (encoding === undefined) return answer;
      return {
        ...answer,
        body: await decodeContent(url.origin, answer.body, encoding, options.maxResponseBytes),
      };
    },
    close: () => agent.destroy(),
  };
}
