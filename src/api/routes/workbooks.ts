import { readWorkbookForImport } from '../../analytics/import-workbook.ts';
import { WorkbookError } from '../../sources/workbook/workbook-error.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { badRequest } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { refuseUnconnected, seeShop } from '../shop-access.ts';
import { shopParameter } from './common.schema.ts';
import { startedRun } from './sync.schema.ts';
import { workbookUpload } from './workbooks.schema.ts';

/** Analytics from the workbook that an owner downloads in the seller center. */
export function addWorkbookRoutes(tools: RouteTools, { sql, shops, sync }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'post',
      path: '/api/v1/shops/{shop}/analytics/workbooks',
      tag: 'Analytics',
      operationId: 'importWorkbook',
      summary: 'Import a product workbook of the seller center',
      description:
        'The file of one day, as it was downloaded. It is read before this answers, whole or not at all; the run then stores its figures as those of that day, in place of what was stored of it. TikTok is asked nothing.',
      scope: 'sync',
      params: shopParameter,
      body: { schema: workbookUpload, required: true, multipart: true },
      alsoRefused:
        'what is no workbook of products, is of several days or of one that is not over, or holds a figure that cannot be read without guessing',
      responses: { 202: { description: 'The run that stores it', schema: startedRun } },
      problems: [404, 409, 503],
    },
    async ({ principal, params, body }) => {
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      refuseUnconnected(shop);
      const given = { file: body.file, date: body.date ?? null };
      const request = await readWorkbookForImport(scope, sql, given).catch((error: unknown) => {
        if (error instanceof WorkbookError) throw badRequest([...error.faults]);
        throw error;
      });
      return { status: 202, body: await sync.start({ ...request, trigger: 'api' }) };
    },
  );
}
