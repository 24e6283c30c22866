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
