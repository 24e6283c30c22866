import { describe, expect, it } from 'vitest';
import { HttpError, type HttpErrorKind } from '../../http/http-error.ts';
import { classifyAnswer, classifyHttpError, quotedBytes } from './classify.ts';
import { parseEnvelope } from './envelope.ts';
import type { ApiErrorKind } from './errors.ts';

const now = Date.UTC(2026, 10, 25, 12, 50, 0);

function judge(httpStatus: number, body: string, retryAfter?: string) {
  const bytes = Buffer.from(body);
  return classifyAnswer({
    httpStatus,
    envelope: parseEnvelope(bytes),
    bytes: bytes.length,
    beginning: bytes.subarray(0, quotedBytes),
    retryAfter,
    now,
  });
}

const envelope = (code: number | string, message = '', data: unknown = null) =>
  JSON.stringify({ code, message, request_id: 'req-1', data });

const table: [status: number, code: number, message: string, kind: ApiErrorKind, errorCode: string][] = [
  [429, 36009002, 'Too many requests', 'rate-limited', 'rate-limited'],
  [200, 36009002, 'Too many requests', 'rate-limited', 'rate-limited'],
  [200, 12052109, 'too many request', 'rate-limited', 'rate-limited'],
  [429, 77, 'whatever', 'rate-limited', 'rate-limited'],
  [200, 77, 'QPS limit reached', 'rate-limited', 'rate-limited'],
  [429, 36009037, 'quota', 'quota-exhausted', 'hourly-quota-exhausted'],
  [200, 36009037, 'quota', 'quota-exhausted', 'hourly-quota-exhausted'],
  [200, 36009003, 'internal error', 'transient', 'upstream-internal-error'],
  [504, 36009007, 'timeout', 'transient', 'gateway-timeout'],
  [408, 36009007, 'timeout', 'transient', 'gateway-timeout'],
  [200, 12001000, '', 'transient', 'upstream-internal-error'],
  [200, 10037003, '', 'transient', 'upstream-internal-error'],
  [500, 77, 'x', 'transient', 'upstream-unavailable'],
  [503, 0, 'success', 'transient', 'upstream-unavailable'],
  [200, 77, 'System busy, please try again', 'transient', 'upstream-internal-error'],
  [200, 105002, 'expired', 'token-expired', 'access-token-expired'],
  [401, 105002, 'expired', 'token-expired', 'access-token-expired'],
  [400, 36009004, 'x-tts-access-token header is invalid', 'token-expired', 'access-token-unknown'],
  [200, 105001, '', 'token-expired', 'access-token-refused'],
  [401, 77, 'no', 'token-expired', 'access-token-refused'],
  [401, 105005, 'scope', 'disconnected', 'permission-missing'],
  [200, 101000, '', 'disconnected', 'token-of-another-shop'],
  [401, 36009043, '', 'disconnected', 'shop-inactive'],
  [401, 36009044, '', 'disconnected', 'shop-inactive'],
  [200, 36004004, '', 'invalid-request', 'authorization-code-refused'],
  [400, 36009004, 'Invalid timestamp: earlier than 5 minutes', 'clock', 'clock-out-of-step'],
  [400, 36009004, 'timestamp more than 30 seconds', 'clock', 'clock-out-of-step'],
  [400, 36009004, 'Invalid app_key', 'configuration', 'app-key-refused'],
  [200, 106001, 'sign', 'configuration', 'signature-refused'],
  [403, 36009033, 'IP', 'configuration', 'address-not-allowed'],
  [404, 36009009, 'Invalid path', 'invalid-request', 'unknown-endpoint'],
  [400, 106013, 'shop_cipher', 'invalid-request', 'shop-cipher-missing'],
  [400, 36009004, 'Missing credentials in request: signature', 'invalid-request', 'signature-missing'],
  [400, 36009004, 'shop_cipher is not required', 'invalid-request', 'parameter-not-wanted'],
  [400, 36009004, 'Unexpected identifier', 'invalid-request', 'parameter-not-wanted'],
  [400, 36009004, 'Invalid API version', 'invalid-request', 'unknown-api-version'],
  [400, 36009014, '', 'invalid-request', 'unknown-api-version'],
  [400, 36009004, 'end_date_lt is invalid', 'invalid-request', 'parameter-refused'],
  [200, 98001004, 'page_size', 'invalid-request', 'parameter-refused'],
  [200, 424242, 'something new', 'invalid-request', 'request-refused'],
];

describe('classifyAnswer', () => {
  it.each(table)('HTTP %i, code %i "%s" is %s (%s)', (status, code, message, kind, errorCode) => {
    const error = judge(status, envelope(code, message));
    expect(error).toMatchObject({
      kind,
      code: errorCode,
      httpStatus: status,
      upstreamCode: code,
      requestId: 'req-1',
    });
    expect(error?.action).not.toBe('');
  });

  it('takes code 0 with HTTP 2xx for success, whatever the message says', () => {
    expect(judge(200, envelope(0, 'SUCCESS', { a: 1 }))).toBeNull();
    expect(judge(200, envelope(0, 'Too many requests'))).toBeNull();
    expect(judge(200, envelope('0'))).toBeNull();
    expect(judge(200, `\uFEFF${envelope(0)}`)).toBeNull();
  });

  it.each([
    [200, '', 'invalid-response'],
    [200, '<html><body>Hi</body></html>', 'invalid-response'],
    [200, '{"code":0,"data":{"orders":[', 'invalid-response'],
    [200, '[]', 'invalid-response'],
    [200, '{"message":"no code"}', 'invalid-response'],
    [502, '<html><h1>Bad gateway</h1></html>', 'transient'],
    [500, '', 'transient'],
    [429, '<html>slow down</html>', 'rate-limited'],
    [408, '', 'transient'],
    [403, '<html>blocked</html>', 'configuration'],
    [404, 'not here', 'configuration'],
    [302, '', 'configuration'],
  ])('HTTP %i with body %j is %s', (status, body, kind) => {
    expect(judge(status, body)).toMatchObject({ kind, httpStatus: status, upstreamCode: null });
  });

  it('quotes a gateway page without markup, mail addresses, phones and secrets, and no cut JSON at all', () => {
    const page =
      '<html><style>p{}</style><h1>502 Bad\u0000 Gateway</h1>ask joe@example.com +49 170 1234567 TTP_abcdefghijklmnopqrstuv123</html>';
    expect(judge(502, page)?.message).toContain(': 502 Bad Gateway ask [e-mail] [phone] [secret]).');
    expect(judge(200, '{"code":0,"data":{"name":"Jane Doe')?.message).not.toContain('Jane');
    expect(judge(200, envelope(77, 'x'.repeat(9_999)))?.message.length).toBeLessThan(500);
  });

  it('reads Retry-After, and waits for the next hour when the quota is used up', () => {
    expect(judge(429, envelope(36009002), '7')?.retryAfterMs).toBe(7_000);
    expect(judge(429, envelope(36009002), 'Wed, 25 Nov 2026 12:50:09 GMT')?.retryAfterMs).toBe(9_000);
    expect(judge(429, envelope(36009002))?.retryAfterMs).toBeNull();
    expect(judge(429, envelope(36009037))?.retryAfterMs).toBe(10 * 60 * 1000);
  });
});

describe('classifyHttpError', () => {
  it.each<[HttpErrorKind, ApiErrorKind, string]>([
    ['connect', 'transient', 'upstream-connect'],
    ['dns', 'transient', 'upstream-dns'],
    ['timeout', 'transient', 'upstream-timeout'],
    ['reset', 'transient', 'upstream-reset'],
    ['tls', 'configuration', 'upstream-tls'],
    ['malformed', 'invalid-response', 'unreadable-answer'],
    ['too-large', 'invalid-response', 'answer-too-large'],
  ])('%s is %s (%s)', (kind, expected, code) => {
    expect(classifyHttpError(new HttpError(kind, 'x'))).toMatchObject({ kind: expected, code });
  });
});
