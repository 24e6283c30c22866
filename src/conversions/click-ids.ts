import type { ConversionUser } from './types.ts';

type ClickIds = Pick<ConversionUser, 'ttclid' | 'gclid' | 'gbraid' | 'wbraid' | 'fbc'>;

const verbatim = ['ttclid', 'gclid', 'gbraid', 'wbraid'] as const;

/**
 * The click ids in a page's address; they win over stored ones, for this click is the later.
 *
 * @param seenAt Unix seconds of the event: when a click id in its address was first seen, for all we know.
 * @param stored of which a `fbc` of the same click is kept, for it knows better when that was.
 */
export function readClickIds(
  url: string | undefined,
  seenAt: number,
  stored: Pick<ClickIds, 'fbc'>,
): ClickIds {
  if (url === undefined) return {};
  const parameters = new URL(url).searchParams;
  const found: ClickIds = {};
  for (const name of verbatim) {
    const value = parameters.get(name) ?? '';
    if (isClickId(value)) found[name] = value;
  }
  const fbclid = parameters.get('fbclid') ?? '';
  if (isClickId(fbclid) && !isOfClick(stored.fbc, fbclid)) found.fbc = `fb.1.${seenAt * 1_000}.${fbclid}`;
  return found;
}

/** Anybody can write anything into an address: what no platform makes is left there. */
function isClickId(value: string): boolean {
  return /^[!-~]{1,1000}$/.test(value);
}

/** `fb.<subdomain index>.<creation time in ms>.<fbclid>` */
function isOfClick(fbc: string | undefined, fbclid: string): boolean {
  return fbc?.split('.').slice(3).join('.') === fbclid;
}
