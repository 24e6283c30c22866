/** What a seller has to grant before TikTok shows some figures. */
export interface Permission {
  scope: string;
  /** What Partner Center calls it. */
  name?: string;
  /** What has to be known of asking for it. */
  note?: string;
  /** Whether the seller center's workbook tells figures of this kind, too. */
  isInWorkbook?: boolean;
}

export const shopAnalytics: Permission = {
  scope: 'data.shop_analytics.public.read',
  name: 'Read shop analytics',
  isInWorkbook: true,
};

export const affiliateOrders: Permission = {
  scope: 'seller.affiliate_collaboration.read',
  note: 'TikTok approves it separately.',
};

export const marketRankings: Permission = {
  scope: 'data.bestselling.public.read',
  note: 'Few apps have it.',
};
