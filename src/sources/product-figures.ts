/**
 * What a seller-center page or workbook says of one product on one day. Figures are exact decimal texts; null is what
 * was not said, never zero.
 */
export interface ProductFigures {
  productId: string;
  title: string | null;
  /** As the product list of the Open API names it: `ACTIVATE` is live, everything else hidden. */
  status: string | null;
  imageUrl: string | null;
  stock: string | null;
  gmv: string | null;
  itemsSold: string | null;
  ordersCount: string | null;
  productImpressions: string | null;
  productClicks: string | null;
}

/** The status of a listing that is not live, where its own word is not known. */
export const hiddenStatus = 'HIDDEN';

/** A product has all three figures that are counted, or none of them: two would make sums that do not fit. */
export function hasHalfItsFigures({ gmv, itemsSold, ordersCount }: ProductFigures): boolean {
  const known = [gmv, itemsSold, ordersCount].filter((figure) => figure !== null);
  return known.length > 0 && known.length < 3;
}
