import { isRecord } from '../files/json-facts.ts';
import { plantCanaries } from './canaries.ts';
import { manyLines, type PoisonKind } from './order-source.ts';

const hugeTitleLength = 1_000_000;

/** An order's JSON with one thing in it that a careless reader chokes on. */
export function poisonText(text: string, kind: PoisonKind): string {
  const parsed: unknown = JSON.parse(text);
  if (!isRecord(parsed)) return text;
  const payment = isRecord(parsed.payment) ? parsed.payment : {};
  const lines = Array.isArray(parsed.line_items) ? parsed.line_items : [];
  const address = isRecord(parsed.recipient_address) ? parsed.recipient_address : {};
  const first: unknown = lines[0];
  switch (kind) {
    case 'money_exponent':
      payment.total_amount = '1e3';
      break;
    case 'money_grouped':
      payment.total_amount = '1,234.50';
      break;
    case 'money_negative':
      payment.total_amount = '-12.00';
      break;
    case 'payment_missing':
      delete parsed.payment;
      break;
    case 'lines_retyped':
      parsed.line_items = Object.fromEntries(lines.map((line, nth) => [String(nth), line]));
      break;
    case 'line_price_text':
      if (isRecord(first)) first.sale_price = 'free';
      break;
    case 'nul_in_name':
      address.name = 'Nul\u0000Placeholder';
      if (isRecord(first)) first.product_name = 'Mug\u0000 with NUL';
      break;
    case 'lone_surrogate':
      address.name = 'Half \ud83d Placeholder';
      if (isRecord(first)) first.product_name = 'Cut emoji \ud83d mug';
      break;
    case 'emoji':
      address.name = '🌊 مثال 𝓟laceholder \u202E';
      parsed.buyer_message = 'Спасибо 🎉👩‍👩‍👧‍👦';
      if (isRecord(first)) first.product_name = '🧿 Mug ﷽ עברית';
      break;
    case 'integer_ids':
      // Past 2^53 a JavaScript number cannot carry the id: it has to be written into the text.
      return text.replace(/"(id|user_id|product_id|sku_id)":"(\d{10,19})"/g, '"$1":$2');
    case 'new_fields':
      parsed.hologram_seal = { version: 3, layers: [{ kind: 'foil', weight: 0.25 }] };
      payment.moon_tax = '0.01';
      if (isRecord(first)) first.scent = null;
      break;
    case 'new_status':
      parsed.status = 'AWAITING_TELEPORT';
      break;
    case 'canaries':
      plantCanaries(parsed);
      break;
    case 'huge_title':
      if (isRecord(first)) first.product_name = 'Mug of a very long name, '.repeat(hugeTitleLength / 25);
      break;
    case 'many_lines':
      for (let nth = lines.length; isRecord(first) && nth < manyLines; nth += 1) {
        lines.push({ ...first, id: `${first.id}${String(nth).padStart(5, '0')}`, sale_price: '0.00' });
      }
      break;
  }
  return JSON.stringify(parsed);
}
