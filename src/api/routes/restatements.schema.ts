import { z } from '@hono/zod-openapi';
import { type StreamName, streamNames } from '../../analytics/streams.ts';
import { money, orNull, time } from './common.schema.ts';

export const restatedStream = z.enum(streamNames as [StreamName, ...StreamName[]]);

export const restatement = z
  .strictObject({
    date: z.iso.date().openapi({ description: 'The day that was restated' }),
    stream: restatedStream,
    key: z.string().openapi({ description: "Of the row; empty for the shop's own" }),
    field: z.string().openapi({ example: 'gmv' }),
    old: orNull(money).openapi({ description: 'Null where there was no such row, or it did not say' }),
    new: orNull(money).openapi({ description: 'Null where the row is gone, or no longer says' }),
    seen_at: time,
  })
  .openapi('Restatement');
