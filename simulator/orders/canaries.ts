import { isRecord } from '../files/json-facts.ts';

/** In every text that {@link plantCanaries} plants, and nowhere else: whoever finds it has found something personal. */
export const canary = 'kanarienvogel';

/** For fields that hold no words. */
export const canaryPhone = '+4255501836492';

const documented = [
  'buyer_message',
  'buyer_nickname',
  'seller_note',
  'cpf',
  'cpf_name',
  'payment_auth_code',
  'channel_entity_national_registry_id',
];

/** Writes canaries into every personal field of an order, and adds personal fields that nobody documents at all levels. */
export function plantCanaries(order: Record<string, unknown>): void {
  for (const field of documented) order[field] = `${canary} ${field}`;
  order.buyer_email = `${canary}@mail.invalid`;
  order.buyer_avatar = `https://images.invalid/${canary}.webp`;
  order.recipient_address = {
    ...(isRecord(order.recipient_address) ? order.recipient_address : {}),
    name: `${canary} name`,
    first_name: `${canary} first`,
    last_name: `${canary} last`,
    phone_number: canaryPhone,
    full_address: `1 ${canary} Street`,
    address_detail: `1 ${canary} Street`,
    address_line1: `1 ${canary} Street`,
    postal_code: `${canary} 00000`,
    delivery_preferences: { drop_off_location: `${canary} porch` },
    district_info: [{ address_level_name: 'City', address_name: `${canary} City`, address_level: 'L3' }],
  };
  order.recipient_phone = canaryPhone;
  order.gift_options = { wrapping: 'red', card: [{ message: `${canary} card` }] };
  if (isRecord(order.payment)) order.payment.payer_name = `${canary} payer`;
  if (isRecord(order.handling_duration)) order.handling_duration.contact_email = `${canary}@mail.invalid`;
  for (const item of records(order.packages)) item.pickup_address = { street: `${canary} Lane` };
  for (const line of records(order.line_items)) {
    line.recipient_phone = canaryPhone;
    line.engraving = { layout: { message_text: `${canary} engraved` } };
    line.item_tax = records(line.item_tax).map((tax) => ({ ...tax, payer_name: `${canary} tax` }));
    line.sub_item_info = [{ sku_id: '1', product_name: 'Half a mug', recipient_name: `${canary} part` }];
    line.combined_listing_skus = [{ sku_id: '1', sku_count: 1, contact_phone: canaryPhone }];
  }
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
