import { parseCents } from '../money.ts';

/** One line of an order file in the neutral shape, amounts in cents. */
export interface NeutralOrder {
  id: string;
  /** Unix seconds. */
  time: number;
  store: string;
  buyer: string;
  lines: NeutralLine[];
}

export interface NeutralLine {
  product: string;
  /** How many one-unit line items it becomes; 0 stands for one line item that is not split. */
  units: number;
  amount: number;
  sellerDiscount: number;
  platformDiscount: number;
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
const largestCents = 4_294_967_295;

/** Reads the object of one line; a string says what is wrong with it. */
export function readNeutralOrder(value: Record<string, unknown>): NeutralOrder | string {
  const { id, time, lines } = value;
  if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) return 'id is not a text of letters and digits';
  if (typeof time !== 'string' || !rfc3339.test(time)) return 'time is not an RFC 3339 time';
  const seconds = Math.floor(Date.parse(time) / 1000);
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > 4_294_967_295) return 'time does not exist';
  if (!Array.isArray(lines) || lines.length === 0) return 'lines is not a list with at least one line';
  const read: NeutralLine[] = [];
  let sum = 0;
  for (const [nth, line] of lines.entries()) {
    const result = readLine(line);
    if (typeof result === 'string') return `lines[${nth}]: ${result}`;
    sum += result.amount + result.sellerDiscount + result.platformDiscount;
    read.push(result);
  }
  if (sum > largestCents) return 'the amounts sum to more than 42 million';
  return { id, time: seconds, store: textOf(value.store), buyer: textOf(value.buyer), lines: read };
}

function readLine(line: unknown): NeutralLine | string {
  if (!Array.isArray(line) || line.length !== 5)
    return 'not [product, quantity, amount, shop_discount, platform_discount]';
  const [product, quantity, amount, shop, platform] = line;
  if (typeof product !== 'string' || product === '') return 'product is not a text';
  if (typeof quantity !== 'number' || !Number.isFinite(quantity)) return 'quantity is not a number';
  const amounts = [amount, shop, platform].map(parseCents);
  const [paid, sellerDiscount, platformDiscount] = amounts;
  if (paid == null) return `amount ${shown(amount)} is not a plain decimal`;
  if (sellerDiscount == null) return `shop_discount ${shown(shop)} is not a plain decimal`;
  if (platformDiscount == null) return `platform_discount ${shown(platform)} is not a plain decimal`;
  const units = Number.isInteger(quantity) && quantity >= 1 && quantity <= 50 ? quantity : 0;
  return { product, units, amount: paid, sellerDiscount, platformDiscount };
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}
