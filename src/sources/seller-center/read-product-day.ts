import type { ProductFigures } from '../product-figures.ts';
import { ApiError } from '../tiktok-shop/errors.ts';
import type { PageCall, SellerCenterClient } from './client.ts';

/** All products of one day. */
export interface ProductDay {
  products: ProductFigures[];
  currency: string | null;
  /** By upstream's clock, of the first page. */
  observedAt: Date;
}

const mostPages = 1_000;
const mostWalks = 3;

/**
 * Reads the whole list of a day, one page after the other. The list is ordered by what was sold and may shift while it
 * is read: where fewer products were seen than it says it has, it is walked again, and what was seen is kept.
 *
 * @throws ApiError; nothing is given of a day that was not read whole.
 */
export async function readProductDay(
  client: SellerCenterClient,
  call: Omit<PageCall, 'page'>,
): Promise<ProductDay> {
  const products = new Map<string, ProductFigures>();
  let day: ProductDay | null = null;
  for (let walk = 1; walk <= mostWalks; walk++) {
    let total: number | null = null;
    let pages = 0;
    for (let number: number | null = 0; number !== null; pages++) {
      if (pages >= mostPages) throw unstable(`has more than ${mostPages} pages`);
      const { page, observedAt } = await client.readPage({ ...call, page: number });
      day ??= { products: [], currency: page.currency, observedAt };
      if (page.currency !== null) day.currency ??= page.currency;
      if (page.currency !== null && page.currency !== day.currency) throw unstable('mixes currencies');
      for (const product of page.products) products.set(product.productId, product);
      total = page.total ?? total;
      number = page.nextPage;
    }
    if (day !== null && products.size >= (total ?? 0)) return { ...day, products: [...products.values()] };
  }
  throw unstable(`named fewer products than it says it has, ${mostWalks} times in a row`);
}

function unstable(what: string): ApiError {
  return new ApiError({
    kind: 'invalid-request',
    actor: 'user',
    code: 'seller-center-list-unstable',
    message: `The product list of the seller center ${what}. Nothing of this day was stored.`,
    action: 'Retry the day later; where it stays, upload the workbook instead.',
  });
}
