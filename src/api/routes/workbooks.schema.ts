import { z } from '@hono/zod-openapi';
import { isDay } from '../../analytics/calendar.ts';

/** Body of `POST …/analytics/workbooks`: a form. */
export const workbookUpload = z
  .strictObject({
    file: z
      .custom<Buffer>((value) => Buffer.isBuffer(value), 'must be one file.')
      .openapi({
        type: 'string',
        format: 'binary',
        description: 'The product workbook (.xlsx) as it was downloaded',
      }),
    date: z
      .string()
      .regex(
        /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
        'must be a calendar day such as 2026-03-01.',
      )
      .refine(isDay, 'is no day of the calendar.')
      .optional()
      .openapi({
        description: "The shop's day that it is of, where the workbook does not say it beyond doubt",
        example: '2026-03-01',
      }),
  })
  .openapi('WorkbookUpload');
