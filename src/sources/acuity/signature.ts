import { createHmac } from 'node:crypto';
import { isSameText } from '../same-text.ts';

/**
 * Whether `X-Acuity-Signature` signs exactly these bytes: base64 of their HMAC-SHA256 under the API key
 * (developers.acuityscheduling.com, "Webhooks"). It holds no time, so an old webhook stays valid: whoever sends it again
 * only makes us look at the appointment again.
 */
export function isSignedByAcuity(body: Buffer, header: string | undefined, apiKey: string): boolean {
  return isSameText(header ?? '', createHmac('sha256', apiKey).update(body).digest('base64'));
}
