import type { SimulatedShop } from '../shops.ts';
import { type SellerCenterSession, type Trouble, troubleKinds } from './session.ts';

/**
 * Shows and changes a shop's access to the seller center: `access`, `lifetime_s`, `counts_as_text`, `amounts_as_number`,
 * and `troubles`, which replace those before. `login: true` begins a new session.
 *
 * @param now Unix seconds
 * @returns what the owner would copy out of the browser, and the settings; a string says what is wrong
 */
export function controlSellerCenter(
  { sellerCenter }: SimulatedShop,
  body: Record<string, unknown>,
  now: number,
): Record<string, unknown> | string {
  const settings = { ...sellerCenter.settings };
  let troubles: Trouble[] | null = null;
  for (const [name, value] of Object.entries(body)) {
    if (name === 'access' && (value === 'open' || value === 'signed' || value === 'strict'))
      settings.access = value;
    else if (name === 'lifetime_s' && typeof value === 'number') settings.lifetime = value;
    else if (name === 'counts_as_text' && typeof value === 'boolean') settings.countsAsText = value;
    else if (name === 'amounts_as_number' && typeof value === 'boolean') settings.amountsAsNumber = value;
    else if (name === 'troubles' && Array.isArray(value)) {
      const read = value.map(readTrouble);
      const wrong = read.find((trouble) => typeof trouble === 'string');
      if (typeof wrong === 'string') return wrong;
      troubles = read.filter((trouble) => typeof trouble !== 'string');
    } else if (name !== 'login') return `There is no setting ${name}, or not with this value`;
  }
  sellerCenter.settings = settings;
  if (troubles !== null) sellerCenter.troubles = troubles;
  if (body.login === true) sellerCenter.login(now);
  return describe(sellerCenter);
}

function describe(session: SellerCenterSession): Record<string, unknown> {
  const { access, lifetime, countsAsText, amountsAsNumber } = session.settings;
  return {
    seller_id: session.sellerId,
    cookie: session.cookie,
    fp: session.fp,
    access,
    lifetime_s: lifetime,
    counts_as_text: countsAsText,
    amounts_as_number: amountsAsNumber,
    troubles: session.troubles,
  };
}

function readTrouble(value: { kind?: unknown; after?: unknown; times?: unknown }): Trouble | string {
  const kind = troubleKinds.find((name) => name === value?.kind);
  if (kind === undefined) return `kind of a trouble must be one of ${troubleKinds.join(', ')}`;
  const after = typeof value.after === 'number' ? value.after : 0;
  return { kind, after, times: typeof value.times === 'number' ? value.times : null };
}
