import { z } from '@hono/zod-openapi';
import { coverage } from './analytics.schema.ts';
import { exactNumber, orNull } from './common.schema.ts';

export const bestseller = z
  .strictObject({
    rank: orNull(exactNumber),
    id: z.string().openapi({ description: 'Of the product, video, LIVE session or creator' }),
    title: z.string().nullable(),
    gmv_range: z.string().nullable().openapi({ description: 'As TikTok writes it: it tells no sum' }),
  })
  .openapi('Bestseller');

export const ranking = z
  .strictObject({
    data: z.array(bestseller),
    date: z.iso
      .date()
      .nullable()
      .openapi({ description: 'The day that the ranking is of; null where none was read' }),
    permission: coverage.shape.permission,
    latest_available_date: coverage.shape.latest_available_date,
  })
  .openapi('BestsellerRanking');
