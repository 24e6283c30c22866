// Indirect, because the bundler would take a direct `new URL(…, import.meta.url)` for one of its files.
const ownAddress = import.meta.url;
/** The folder that the dashboard is served from, whatever page of it is open. */
export const base = new URL('..', ownAddress).href;

/** A refusal of the API, with its reason in words. */
export class ApiProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiProblem';
    this.status = status;
  }
}

/**
 * Calls the API with the session's cookie. Throws {@link ApiProblem}.
 *
 * @param body a form, such as one with a file, or what is sent as JSON
 */
export async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await send(method, path, body);
  if (response.status === 204) return undefined as Answer;
  const answer: unknown = await response.json();
  if (response.ok) return answer as Answer;
  throw new ApiProblem(response.status, reasonOf(answer) ?? `The API answered ${response.status}.`);
}

/** Of a problem document: its text, with what each field is refused for. */
function reasonOf(answer: unknown): string | null {
  const { detail, errors = [] } = answer as { detail?: string; errors?: { path: string; message: string }[] };
  if (detail === undefined) return null;
  const told = errors
    .map(({ path, message }) => `${path}: ${message}`)
    .filter((text) => !detail.includes(text));
  return [detail, ...told].join(' ');
}

async function send(method: string, path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(new URL(path, base), {
      method,
      credentials: 'same-origin',
      ...(body === undefined
        ? {}
        : body instanceof FormData
          ? { body }
          : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
  } catch (error) {
    // fetch says only "failed", with a TypeError.
    if (error instanceof TypeError) throw new ApiProblem(0, 'Tideline does not answer. Is it running?');
    throw error;
  }
}
