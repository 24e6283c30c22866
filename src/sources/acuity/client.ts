import { TidelineError } from '../../errors.ts';
import type { HttpClient } from '../../http/request.ts';
import { type Appointment, readAppointment } from './appointment.ts';

export interface AcuityOptions {
  http: HttpClient;
  /** Origin with an optional prefix, no trailing slash. */
  apiUrl: string;
  userId: string | null;
  apiKey: string | null;
}

export interface AcuityClient {
  /**
   * The appointment as it is now; null when Acuity has none of this id.
   *
   * @throws TidelineError to be tried again when Acuity does not answer, refuses our key, or we have none
   */
  readAppointment(id: string, signal?: AbortSignal): Promise<Appointment | null>;
}

/** Reads appointments: `GET /api/v1/appointments/{id}` with the user id and the API key as basic authentication. */
export function createAcuityClient({ http, apiUrl, userId, apiKey }: AcuityOptions): AcuityClient {
  return {
    async readAppointment(id, signal) {
      if (userId === null || apiKey === null)
        throw trouble('ACUITY_USER_ID and ACUITY_API_KEY are not both set.');
      const answer = await http.request({
        method: 'GET',
        url: new URL(`${apiUrl}/api/v1/appointments/${encodeURIComponent(id)}`),
        headers: {
          authorization: `Basic ${Buffer.from(`${userId}:${apiKey}`).toString('base64')}`,
          accept: 'application/json',
        },
        signal,
      });
      if (answer.status === 404) return null;
      if (answer.status === 401 || answer.status === 403) {
        throw trouble('Acuity refuses ACUITY_USER_ID and ACUITY_API_KEY.');
      }
      if (answer.status !== 200) throw trouble(`Acuity answered ${answer.status}.`);
      return readAppointment(parseJson(answer.body));
    },
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw trouble('Acuity did not answer with JSON.');
  }
}

function trouble(message: string): TidelineError {
  return new TidelineError({ code: 'acuity-unavailable', actor: 'retry', message });
}
