import { type OrderFacts, type OrderState, statusName } from '../orders/order-source.ts';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the facts of an order from its own JSON, whatever shape that is in. */
export function factsOfJson(order: Record<string, unknown>, id: string, state: OrderState): OrderFacts {
  const payment = isRecord(order.payment) ? order.payment : {};
  const lines = Array.isArray(order.line_items) ? order.line_items : [];
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  return {
    id,
    status: statusName(state.status),
    createTime: state.createTime,
    updateTime: state.updateTime,
    currency: text(payment.currency),
    totalAmount: text(payment.total_amount),
    subTotal: text(payment.sub_total),
    lineCount: lines.length,
    lineSum: sumDecimals(lines.map((line) => (isRecord(line) ? line.sale_price : undefined))),
    trackingNumber: text(order.tracking_number) ?? '',
  };
}

/** The exact sum of plain decimals as a decimal text; anything else counts as 0. */
export function sumDecimals(values: readonly unknown[]): string {
  let sum = 0n;
  for (const value of values) {
    const match = typeof value === 'string' ? /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(value) : null;
    if (match === null) continue;
    const scaled = BigInt((match[2] ?? '0') + (match[3] ?? '').padEnd(6, '0'));
    sum += match[1] === '-' ? -scaled : scaled;
  }
  const digits = (sum < 0n ? -sum : sum).toString().padStart(7, '0');
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/(\.\d\d\d*?)0+$/, '$1');
}
