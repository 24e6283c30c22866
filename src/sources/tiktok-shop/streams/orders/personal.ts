/** Personal fields are taken out of an order before anything else is done with it. */

const personalFields = new Set([
  'buyer_email',
  'buyer_message',
  'buyer_nickname',
  'buyer_avatar',
  'seller_note',
  'cpf',
  'cpf_name',
  'recipient_address',
  'payment_auth_code',
  'channel_entity_national_registry_id',
]);

/** Fields whose names look personal but are not. */
const impersonalFields = new Set([
  'delivery_option_name',
  'payment_method_name',
  'has_updated_recipient_address',
  'shipping_provider',
]);

const looksPersonal =
  /(email|phone|mobile|address|name|nick|avatar|message|note|cpf|registry|birth|tax_?id)/i;

/** Field names judged so far; TikTok's are few, and a hostile upstream's are judged anew beyond the bound. */
const verdicts = new Map<string, boolean>();
const mostVerdicts = 1_000;

function isPersonal(field: string): boolean {
  const known = verdicts.get(field);
  if (known !== undefined) return known;
  const verdict = personalFields.has(field) || (!impersonalFields.has(field) && looksPersonal.test(field));
  if (verdicts.size < mostVerdicts) verdicts.set(field, verdict);
  return verdict;
}

export type PersonalFields = Record<string, unknown>;

/**
 * Moves the personal fields out of `order` (they become `undefined` there, which JSON leaves out) and returns them,
 * or null where there are none. A field that nobody knows yet counts as personal when its name says so.
 */
export function takePersonalFields(order: Record<string, unknown>): PersonalFields | null {
  let personal: PersonalFields | null = null;
  for (const field of Object.keys(order)) {
    if (!isPersonal(field)) continue;
    const value = order[field];
    order[field] = undefined;
    if (value === null || value === undefined || value === '') continue;
    personal ??= {};
    personal[field] = value;
  }
  return personal;
}

/** TikTok masks personal data with asterisks while it handles the parcel itself ("Order detail", recipient address). */
export function isMasked(personal: PersonalFields): boolean {
  return JSON.stringify(personal).includes('**');
}
