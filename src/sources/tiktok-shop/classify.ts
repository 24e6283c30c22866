import type { HttpError } from '../../http/http-error.ts';
import { parseRetryAfter } from '../../http/retry-after.ts';
import type { Envelope } from './envelope.ts';
import { type ErrorRule, errorTable } from './error-table.ts';
import { ApiError } from './errors.ts';
import { excerpt } from './excerpt.ts';

export interface ReceivedAnswer {
  httpStatus: number;
  /** Null when the body is not TikTok's envelope. */
  envelope: Envelope | null;
  /** Length of the body in bytes. */
  bytes: number;
  /** The first bytes of the body, {@link quotedBytes} of them where there are as many. */
  beginning: Buffer;
  retryAfter: string | undefined;
  /** Upstream's present time in milliseconds. */
  now: number;
}

const hourMs = 60 * 60 * 1000;

/** What of a body is looked at where it is no envelope. */
export const quotedBytes = 4_000;

/** Judges an answer by HTTP status, code and words of the message; null means success. */
export function classifyAnswer(answer: ReceivedAnswer): ApiError | null {
  const { envelope, httpStatus } = answer;
  if (envelope?.code === 0 && httpStatus >= 200 && httpStatus < 300) return null;
  const rule = errorTable.find((row) => fits(row, answer));
  if (rule === undefined) throw new Error('The error table lacks its last row.');

  return new ApiError({
    kind: rule.kind,
    code: rule.code,
    message: describe(rule, answer),
    action: rule.action,
    upstreamCode: envelope?.code ?? null,
    httpStatus,
    requestId: envelope?.requestId ?? null,
    retryAfterMs:
      rule.kind === 'quota-exhausted'
        ? hourMs - (answer.now % hourMs)
        : parseRetryAfter(answer.retryAfter, answer.now),
  });
}

/** What a call that got no whole answer means: worth another try, but for a broken certificate or a giant body. */
export function classifyHttpError(error: HttpError): ApiError {
  const shared = { message: error.message, httpStatus: null, cause: error };
  switch (error.kind) {
    case 'tls':
      return new ApiError({
        ...shared,
        kind: 'configuration',
        code: 'upstream-tls',
        action: "Check the certificate of the upstream, this machine's clock, and any proxy in between.",
      });
    case 'too-large':
      return new ApiError({
        ...shared,
        kind: 'invalid-response',
        code: 'answer-too-large',
        action: 'Nothing: the call is tried again with a smaller page where there is one.',
      });
    case 'malformed':
      return new ApiError({
        ...shared,
        kind: 'invalid-response',
        code: 'unreadable-answer',
        action: 'Nothing: the call is tried again.',
      });
    default:
      return new ApiError({
        ...shared,
        kind: 'transient',
        code: `upstream-${error.kind}`,
        action: 'Nothing: the call is tried again.',
      });
  }
}

function fits(rule: ErrorRule, { httpStatus, envelope }: ReceivedAnswer): boolean {
  // Success in the envelope of a failed HTTP answer says nothing: only the status counts then.
  const meaningful = envelope !== null && envelope.code !== 0;
  if (rule.codes !== undefined && !(meaningful && rule.codes.includes(envelope.code))) return false;
  if (rule.status !== undefined && (httpStatus < rule.status[0] || httpStatus > rule.status[1])) return false;
  if (rule.envelope === true && !meaningful) return false;
  return rule.text === undefined || (envelope !== null && rule.text.test(envelope.message));
}

function describe(rule: ErrorRule, { httpStatus, envelope, bytes, beginning }: ReceivedAnswer): string {
  if (envelope !== null) {
    const words = excerpt(envelope.message);
    return `${rule.title} (code ${envelope.code}, HTTP ${httpStatus}${words === '' ? '' : `: ${words}`}).`;
  }
  const length = bytes === 0 ? 'empty body' : `${bytes} bytes`;
  const text = beginning.toString('utf8');
  const words = isMarkup(text) ? excerpt(text) : '';
  return `${rule.title} (HTTP ${httpStatus}, ${length}${words === '' ? '' : `: ${words}`}).`;
}

/** Only pages of gateways are quoted: a cut JSON body may hold buyers' data. */
function isMarkup(text: string): boolean {
  return /^(?:\uFEFF)?\s*<(?:!doctype|html|head|title|h1)\b/i.test(text);
}
