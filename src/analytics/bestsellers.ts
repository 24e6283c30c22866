/** Rankings of the market, as TikTok names them. */
export const rankings = ['products', 'videos', 'lives', 'creators'] as const;

/** The days that a ranking is of: the one asked for, or the week or month that ends with it. */
export const timeSlots = ['1D', '7D', '30D'] as const;
