import type { SaleLine } from './order-source.ts';

/** The unit lines of one order in minor units; one buffer is used again and again, so rendering allocates little. */
export class LineBuffer {
  count = 0;
  /** JSON of the product and SKU fields of each line, without braces. */
  readonly products: string[] = [];
  /** Number of each line's SKU in the catalogue of its source. */
  readonly skus: number[] = [];
  readonly original: number[] = [];
  readonly sellerDiscount: number[] = [];
  readonly platformDiscount: number[] = [];
  readonly sale: number[] = [];

  clear(): void {
    this.count = 0;
  }

  add(product: string, sku: number, sale: number, sellerDiscount: number, platformDiscount: number): void {
    const at = this.count;
    this.products[at] = product;
    this.skus[at] = sku;
    this.sale[at] = sale;
    this.sellerDiscount[at] = sellerDiscount;
    this.platformDiscount[at] = platformDiscount;
    this.original[at] = sale + sellerDiscount + platformDiscount;
    this.count = at + 1;
  }
}

export interface OrderTotals {
  original: number;
  sellerDiscount: number;
  platformDiscount: number;
  subTotal: number;
  shippingFee: number;
  tax: number;
  total: number;
}

/** `sub_total` is the sum of the lines; `total_amount` = sub_total + shipping_fee + taxes (facts, section 3). */
export function totalsOf(lines: LineBuffer, shippingFee: number, taxBasisPoints: number): OrderTotals {
  let original = 0;
  let sellerDiscount = 0;
  let platformDiscount = 0;
  let subTotal = 0;
  let tax = 0;
  for (let at = 0; at < lines.count; at += 1) {
    const sale = lines.sale[at] ?? 0;
    original += lines.original[at] ?? 0;
    sellerDiscount += lines.sellerDiscount[at] ?? 0;
    platformDiscount += lines.platformDiscount[at] ?? 0;
    subTotal += sale;
    tax += lineTax(sale, taxBasisPoints);
  }
  return {
    original,
    sellerDiscount,
    platformDiscount,
    subTotal,
    shippingFee,
    tax,
    total: subTotal + shippingFee + tax,
  };
}

/** Tax of one unit line, rounded half up, so that the lines' taxes sum to the order's. */
export function lineTax(sale: number, taxBasisPoints: number): number {
  return taxBasisPoints === 0 ? 0 : Math.floor((sale * taxBasisPoints + 5000) / 10_000);
}

/** The lines as analytics count them. */
export function saleLines(lines: LineBuffer, taxBasisPoints: number): SaleLine[] {
  return Array.from({ length: lines.count }, (_, at) => {
    const amount = lines.sale[at] ?? 0;
    return {
      sku: lines.skus[at] ?? 0,
      amount,
      platformDiscount: lines.platformDiscount[at] ?? 0,
      tax: lineTax(amount, taxBasisPoints),
    };
  });
}
