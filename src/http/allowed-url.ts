import { TidelineError } from '../errors.ts';

/** True for `localhost`, 127.0.0.0/8 and `::1` as `URL` spells them. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * Upstreams are spoken to over https; plain http is for stand-ins on the same machine only.
 *
 * @throws TidelineError for the operator, naming the origin only.
 */
export function assertAllowedUrl(url: URL): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))) return;
  throw new TidelineError({
    code: 'insecure-upstream',
    message: `Refused to call ${url.protocol}//${url.host}: only https is allowed, and http on loopback.`,
    actor: 'operator',
    action: 'Use an https address for this upstream.',
  });
}
