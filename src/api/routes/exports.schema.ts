import { z } from '@hono/zod-openapi';
import { fileFormats } from '../../exports/file.ts';
import { orNull, page, paging, shortText, time } from './common.schema.ts';
import { run } from './sync.schema.ts';

const value = z.union([z.string().max(4_000), z.number(), z.boolean()]);

/** The query of a list, as JSON or as it stands in an address. */
const listQuery = z.union([
  z.string().max(16_000),
  z.record(z.string().min(1).max(100), z.union([value, z.array(value).max(100)])),
]);

export const exportRequest = z
  .strictObject({
    path: z.string().min(1).max(1_000).openapi({
      description: 'Of a list route with `format`',
      example: '/api/v1/shops/shop-1/orders',
    }),
    query: listQuery.optional().openapi({
      description: 'What the list takes: an object (a list of values repeats a parameter), or a query string',
      example: { status: 'COMPLETED', sort: 'total_amount' },
    }),
    format: z.enum(fileFormats),
  })
  .openapi('ExportRequest');

export const startedExport = z
  .strictObject({
    run_id: z.string(),
    workflow_id: z.string().openapi({ example: 'listExport/run_01j9z' }),
    mode: z.literal('export'),
    already_running: z.literal(false),
    temporal_ui_url: z.string().nullable(),
    file_url: z.string().openapi({ description: '409 until the run is completed' }),
  })
  .openapi('StartedExport');

const count = z.int().nonnegative();

export const exportRun = z
  .strictObject({
    ...run.shape,
    path: z.string().openapi({ description: 'The list' }),
    format: z.enum(fileFormats),
    file: orNull(
      z.strictObject({
        name: z.string(),
        bytes: count,
        rows: count,
        expires_at: time,
        url: z.string(),
      }),
    ).openapi({ description: 'Null until there is one, and when its time is over' }),
  })
  .openapi('Export');

export const exportPage = page(exportRun);
export const exportListQuery = z.strictObject({ ...paging });
export const exportParameter = z.object({ run_id: shortText });
