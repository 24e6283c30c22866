import { createHmac, timingSafeEqual } from 'node:crypto';

/** A request as it came over the wire: decoded query values, untouched body bytes. */
export interface SignedRequest {
  path: string;
  query: ReadonlyMap<string, string>;
  contentType: string;
  body: Buffer;
}

/**
 * The signature that TikTok expects (facts, section 2): secret + path + sorted name-value pairs without `sign` and
 * `access_token` + body bytes as sent (none for multipart) + secret, as HMAC-SHA256 under the secret, in lower-case hex.
 */
export function expectedSignature(request: SignedRequest, appSecret: string, withBody = true): string {
  const names = [...request.query.keys()]
    .filter((name) => name !== 'sign' && name !== 'access_token')
    .sort(byBytes);
  const mac = createHmac('sha256', appSecret);
  mac.update(appSecret).update(request.path);
  for (const name of names) mac.update(name + (request.query.get(name) ?? ''));
  const multipart = request.contentType.trim().toLowerCase().startsWith('multipart/form-data');
  if (withBody && !multipart) mac.update(request.body);
  return mac.update(appSecret).digest('hex');
}

/** Whether `sign` is right. `lenient` also accepts the SDKs that do not sign a body of `{}`. */
export function signatureIsValid(
  request: SignedRequest,
  sign: string,
  appSecret: string,
  lenient: boolean,
): boolean {
  if (equal(sign, expectedSignature(request, appSecret))) return true;
  return (
    lenient &&
    request.body.toString('latin1') === '{}' &&
    equal(sign, expectedSignature(request, appSecret, false))
  );
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function byBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
