import { TidelineError } from '../../errors.ts';

/** The demo is a client of the API like any other. */
export interface ApiClient {
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body: unknown): Promise<Answer>;
  put<Answer>(path: string, body: unknown): Promise<Answer>;
  patch<Answer>(path: string, body: unknown): Promise<Answer>;
  delete<Answer>(path: string): Promise<Answer>;
}

export interface ApiClientOptions {
  url: string;
  /** Sent as bearer where there is one. */
  key?: string;
  signal: AbortSignal;
}

export function createApiClient({ url, key, signal }: ApiClientOptions): ApiClient {
  const call = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      signal,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw refused(method, path, response.status, text);
    return (text === '' ? null : JSON.parse(text)) as Answer;
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    patch: (path, body) => call('PATCH', path, body),
    delete: (path) => call('DELETE', path),
  };
}

function refused(method: string, path: string, status: number, text: string): TidelineError {
  let said = text.slice(0, 300);
  try {
    const { title, detail } = JSON.parse(text) as { title?: string; detail?: string };
    said = [title, detail].filter(Boolean).join(': ') || said;
  } catch {
    // No problem document: what was answered is shown as it is.
  }
  return new TidelineError({
    code: 'demo-call-refused',
    message: `${method} ${path} was answered with ${status}: ${said}`,
    actor: 'us',
    action: "The logs in the demo's data directory say more.",
  });
}
