import { TidelineError } from '../../src/errors.ts';
import type { OrderSource } from '../orders/order-source.ts';
import type { ShopProfile } from '../orders/shop-profile.ts';
import { isRecord } from './json-facts.ts';
import { readNeutralOrder } from './neutral-line.ts';
import { NeutralOrders } from './neutral-orders.ts';
import { readProductsBeside } from './product-file.ts';
import { readLines } from './read-lines.ts';
import { TikTokOrders } from './tiktok-orders.ts';

export interface SkippedLine {
  number: number;
  reason: string;
}

export interface LoadedOrderFile {
  orders: OrderSource;
  shape: 'neutral' | 'tiktok';
  skipped: number;
  /** The first hundred of them. */
  skippedLines: SkippedLine[];
}

const keptReasons = 100;

/**
 * Loads an order file. Lines that do not fit are skipped and counted; the first hundred are reported one by one.
 *
 * @param shiftTo Unix seconds that the newest time is moved to; `null` leaves all times alone.
 * Throws a {@link TidelineError} for a file that cannot be read or holds no order at all.
 */
export async function loadOrderFile(
  file: string,
  profile: ShopProfile,
  shiftTo: number | null,
  report: (line: SkippedLine) => void,
): Promise<LoadedOrderFile> {
  const catalogue = await readProductsBeside(file);
  const skippedLines: SkippedLine[] = [];
  let skipped = 0;
  let neutral: NeutralOrders | null = null;
  let tiktok: TikTokOrders | null = null;
  for await (const { number, text } of readLines(file)) {
    if (text.trim() === '') continue;
    let reason: string | null = null;
    const value = parseObject(number === 1 ? text.replace(/^\uFEFF/, '') : text);
    if (typeof value === 'string') reason = value;
    else {
      if (neutral === null && tiktok === null) {
        if (Array.isArray(value.lines) && 'time' in value) neutral = new NeutralOrders(profile, catalogue);
        else if (Array.isArray(value.line_items)) tiktok = new TikTokOrders();
      }
      if (neutral !== null) {
        const order = readNeutralOrder(value);
        reason =
          typeof order === 'string'
            ? order
            : neutral.add(order)
              ? null
              : `the order ${order.id} was there before`;
      } else if (tiktok !== null) reason = tiktok.add(value, text.trim());
      else reason = 'in neither of the two shapes of an order';
    }
    if (reason !== null) {
      skipped += 1;
      if (skippedLines.length >= keptReasons) continue;
      skippedLines.push({ number, reason });
      report({ number, reason });
    }
  }
  const orders = neutral ?? tiktok;
  if (orders === null || orders.count === 0) {
    throw new TidelineError({
      code: 'order-file-empty',
      message: `The file ${file} holds no order${skipped > 0 ? ` (${skipped} lines skipped; line ${skippedLines[0]?.number}: ${skippedLines[0]?.reason})` : ''}.`,
      actor: 'user',
      action: "Give one order a line, in TikTok's shape or as {id, time, store, buyer, lines}.",
    });
  }
  if (shiftTo !== null) orders.shiftTo(shiftTo);
  return { orders, shape: neutral === null ? 'tiktok' : 'neutral', skipped, skippedLines };
}

function parseObject(text: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : 'not a JSON object';
  } catch (error) {
    return `not JSON (${error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 120) : 'unreadable'})`;
  }
}
