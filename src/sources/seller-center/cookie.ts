/** Names under which the seller center keeps the seller's number. */
const sellerIdNames = ['oec_seller_id_unified_seller_env', 'SHOP_ID'];

/** A `Cookie` header by its names; of a name that is given twice, the first counts. */
export function parseCookie(header: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (at > 0 && name !== '' && !values.has(name)) values.set(name, pair.slice(at + 1).trim());
  }
  return values;
}

/** Whether a text can be sent as a `Cookie` header: pairs of printable ASCII. */
export function isCookie(header: string): boolean {
  return /^[\x20-\x7e]+$/.test(header) && parseCookie(header).size > 0;
}

/** The seller's number, where the cookie tells it. */
export function sellerIdOf(header: string): string | null {
  const values = parseCookie(header);
  const id = sellerIdNames.map((name) => values.get(name)).find((value) => value !== undefined);
  return id !== undefined && /^\d{1,25}$/.test(id) ? id : null;
}

/**
 * When the session was promised to last until: `session|issued|seconds|…` of the cookie `sid_guard`. A hint only:
 * sessions die earlier, too. Null where the cookie does not say.
 */
export function sessionEndOf(header: string): Date | null {
  const guard = [...parseCookie(header)].find(([name]) => name.startsWith('sid_guard'))?.[1];
  const [, issued, seconds] = (guard ?? '').replaceAll(/%7c/gi, '|').split('|');
  if (!/^\d{9,10}$/.test(issued ?? '') || !/^\d{1,9}$/.test(seconds ?? '')) return null;
  return new Date((Number(issued) + Number(seconds)) * 1000);
}
