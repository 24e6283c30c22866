import type { ExportRecord } from '../../db/queries/exports.ts';
import { TidelineError } from '../../errors.ts';
import { mediaTypes } from '../../exports/file.ts';
import { fileName } from '../../exports/file-name.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { type AskedExport, stopExport } from '../export-control.ts';
import { fileUrl, hasFile, toListed, viewerOf } from '../export-runs.ts';
import { fileHeaders } from '../file-response.ts';
import { openCursor, sealCursor } from '../list-cursor.ts';
import { namedFilters, ofWholeList } from '../list-route.ts';
import { type ListDirectory, shownColumns } from '../lists.ts';
import { hasScope, type Principal, refuseBoundKey } from '../principal.ts';
import { badRequest, notFound, RequestError } from '../problem.ts';
import { noFields, readSearch, readValues } from '../request.ts';
import { addRoute, missingScope, type RouteTools } from '../route.ts';
import {
  exportListQuery,
  exportPage,
  exportParameter,
  exportRequest,
  exportRun,
  startedExport,
} from './exports.schema.ts';

const path = '/api/v1/exports';
const tag = 'Exports';

/** Files of whole lists, written in the background. */
export function addExportRoutes(
  tools: RouteTools,
  { exports, settings: { publicUrl } }: ApiDependencies,
): void {
  const see = async (principal: Principal, runId: string): Promise<ExportRecord> => {
    const found = await exports.find(runId, viewerOf(principal));
    if (found === null) throw notFound('export');
    return found;
  };
  const show = (found: ExportRecord) =>
    toListed(found, { temporalUiUrl: exports.temporalUrl(found.workflowId), publicUrl });

  addRoute(
    tools,
    {
      method: 'post',
      path,
      tag,
      operationId: 'startExport',
      summary: 'Write a whole list into a CSV or XLSX file, in the background',
      description:
        'For what is too much to wait for. The run is at `/api/v1/syncs/{run_id}`, its progress at ' +
        '`/api/v1/syncs/{run_id}/events`. Whoever may read the list may have its file.',
      scope: 'read',
      body: { schema: exportRequest, required: true },
      alsoRefused: 'a path that is no list with `format`, and whatever that list refuses',
      responses: { 202: { description: 'The run that writes it', schema: startedExport } },
      problems: [404, 503],
    },
    async ({ principal, body }) => {
      const asked = await resolve(tools.lists, principal, body);
      const { runId, workflowId } = await exports.start(asked);
      return {
        status: 202,
        body: {
          run_id: runId,
          workflow_id: workflowId,
          mode: 'export',
          already_running: false,
          temporal_ui_url: exports.temporalUrl(workflowId),
          file_url: fileUrl(publicUrl, runId),
        },
      };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path,
      tag,
      operationId: 'listExports',
      summary: 'Exports of the last days, newest first',
      scope: 'read',
      query: exportListQuery,
      responses: { 200: { description: 'Exports', schema: exportPage } },
    },
    async ({ principal, query: { limit, cursor, with_total: withTotal } }) => {
      const viewer = viewerOf(principal);
      const after = cursor === undefined ? null : openCursor('exports', cursor);
      const found = await exports.list(viewer, { after, limit: limit + 1 });
      const data = found.slice(0, limit);
      const last = found.length > limit ? data.at(-1) : undefined;
      const body = { data: data.map(show), next_cursor: last ? sealCursor('exports', last.runId) : null };
      return { status: 200, body: withTotal ? { ...body, total: await exports.count(viewer) } : body };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: `${path}/{run_id}`,
      tag,
      operationId: 'readExport',
      summary: 'One export, with its file',
      scope: 'read',
      params: exportParameter,
      responses: { 200: { description: 'The export', schema: exportRun } },
      problems: [404],
    },
    async ({ principal, params }) => ({ status: 200, body: show(await see(principal, params.run_id)) }),
  );

  addRoute(
    tools,
    {
      method: 'post',
      path: `${path}/{run_id}/cancel`,
      tag,
      operationId: 'cancelExport',
      summary: 'Stop an export; what was written of its file is deleted',
      description:
        'With the key that asked for it, or one with the scope `sync`. It may go on for a moment after the answer.',
      scope: 'read',
      params: exportParameter,
      body: { schema: noFields, required: false },
      responses: { 200: { description: 'The export as it is now', schema: exportRun } },
      problems: [404, 409, 503],
    },
    async ({ principal, params }) => {
      const found = await see(principal, params.run_id);
      if (!mayStop(principal, found)) throw askedByAnother();
      await stopExport(exports, found);
      return { status: 200, body: show(await see(principal, found.runId)) };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: `${path}/{run_id}/file`,
      tag,
      operationId: 'downloadExport',
      summary: 'The file of an export',
      description: '409 until it is written, 410 when its time is over.',
      scope: 'read',
      params: exportParameter,
      responses: { 200: { description: 'The file', files: Object.values(mediaTypes) } },
      problems: [404, 409, 410],
    },
    async ({ context, principal, params }) => {
      const found = await see(principal, params.run_id);
      if (found.status !== 'completed') throw notWritten(found);
      if (!hasFile(found)) throw expired();
      const headers = {
        ...fileHeaders(found.fileName, mediaTypes[found.format]),
        'Content-Length': String(found.bytes),
      };
      // Nobody would read the body.
      if (context.req.method === 'HEAD') return context.newResponse(null, 200, headers);
      const file = await exports.read(found.storedAs);
      if (file === null) throw expired();
      return context.newResponse(file, 200, headers);
    },
  );
}

/**
 * What is asked for, read and judged as the list's own route would.
 *
 * @throws RequestError 400, 403 or 404
 */
async function resolve(
  lists: ListDirectory,
  principal: Principal,
  asked: { path: string; query?: string | Record<string, unknown> | undefined; format: 'csv' | 'xlsx' },
): Promise<AskedExport> {
  const found = lists.find(asked.path);
  if (found === null) {
    const message = `is no list that can be exported. These are: ${lists.paths().join(', ')}.`;
    throw badRequest([{ path: 'path', message }]);
  }
  const { list, params: given } = found;
  if (!hasScope(principal, list.scope)) throw missingScope(list.scope);
  const search = toSearch(asked.query ?? '');
  const params = readValues(list.params, given, 'path');
  const query = ofWholeList(readSearch(list.query, search, 'query'), 'query');
  const selected = await list.select({ principal, params, query });
  const { shop, selection } = selected;
  // The run and its file would belong to no shop, and so be nothing that the key may see.
  if (shop === null) refuseBoundKey(principal);
  const timeZone = shop?.time_zone ?? 'UTC';
  const { name } = list.listing;
  const { format } = asked;
  return {
    shopId: shop?.id ?? null,
    neededScope: list.scope,
    askedBy: principal.keyId,
    path: asked.path,
    listing: name,
    selection,
    columns: shownColumns(list, selected),
    format,
    timeZone,
    currency: shop?.currency ?? null,
    fileName: fileName({
      shopId: shop?.id ?? null,
      list: name,
      filters: namedFilters(list, search),
      timeZone,
      format,
    }),
  };
}

function toSearch(query: string | Record<string, unknown>): URLSearchParams {
  if (typeof query === 'string') return new URLSearchParams(query);
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
  );
  return new URLSearchParams(pairs);
}

/** Whoever may see an export may not therefore take it from who waits for it. */
function mayStop(principal: Principal, { askedBy }: ExportRecord): boolean {
  return hasScope(principal, 'sync') || (askedBy !== null && askedBy === principal.keyId);
}

function askedByAnother(): RequestError {
  return new RequestError({
    status: 403,
    code: 'export-of-another-key',
    message: 'This export was asked for with another key.',
    action: 'Stop it with that key, or with one that has the scope "sync".',
  });
}

function notWritten({ status, error }: ExportRecord): TidelineError {
  const isOpen = status === 'queued' || status === 'running';
  return new TidelineError({
    code: isOpen ? 'export-not-finished' : 'export-without-file',
    message: isOpen
      ? 'The file is still being written.'
      : `The export is ${status}: ${error?.title ?? 'no file was kept.'}`,
    action: isOpen ? 'Ask again when its run is completed.' : 'Export again.',
    actor: 'user',
    status: 409,
  });
}

function expired(): TidelineError {
  return new TidelineError({
    code: 'export-expired',
    message: 'The file has expired and was deleted.',
    action: 'Export again.',
    actor: 'user',
    status: 410,
  });
}
