import { z } from '@hono/zod-openapi';
import type { ShopScope } from '../db/queries/shop-scope.ts';
import { type FileFormat, fileFormats, mediaTypes } from '../exports/file.ts';
import { fileName } from '../exports/file-name.ts';
import type { Listing } from '../exports/listing.ts';
import { createFileResponse } from './file-response.ts';
import { columnsOf } from './list-columns.ts';
import { type ExportableList, type SelectedList, shownColumns } from './lists.ts';
import type { Principal, Scope } from './principal.ts';
import { badRequest } from './problem.ts';
import { type Answer, addRoute, type RouteDefinition, type RouteInput, type RouteTools } from './route.ts';

type Fields = z.ZodObject;

export interface ListRouteDefinition<Path extends Fields, Query extends Fields, Selection>
  extends Omit<RouteDefinition<Path, Query, z.ZodObject>, 'method' | 'body' | 'query' | 'scope'> {
  scope: Scope;
  query: Query;
  /** One row. Its fields are the columns of files. */
  item: z.ZodObject;
  /** Filters that are personal, and so in no name of a file. */
  unnamed?: readonly string[];
  listing: Listing<Selection> | Listing<Selection, null> | Listing<Selection, ShopScope | null>;
  /** Which rows were asked for; refuses whoever may not see them. */
  select(input: {
    principal: Principal;
    params: z.output<Path>;
    query: WithoutPaging<z.output<Query>>;
  }): Promise<SelectedList & { selection: Selection }>;
}

type WithoutPaging<Query> = Omit<Query, 'limit' | 'cursor' | 'with_total'>;

const format = z
  .enum(['json', ...fileFormats])
  .default('json')
  .openapi({
    description: '`csv` and `xlsx`: a file with the whole list, not one page; `limit` then means nothing.',
  });

/** What a page of a list is asked with, and the file of all of it is not. */
const ofPages = ['format', 'limit', 'cursor', 'with_total', 'sort', 'order'];

/**
 * Registers a list: as pages of JSON by its handler, as a CSV or XLSX file of all its rows by its listing, streamed at
 * once, and as something that `POST /api/v1/exports` can write in the background.
 */
export function addListRoute<Path extends Fields, Query extends Fields, Selection>(
  tools: RouteTools,
  definition: ListRouteDefinition<Path, Query, Selection>,
  handler: (input: RouteInput<Path, Query, z.ZodObject>) => Promise<Answer | Response>,
): void {
  const { item, listing, select, query, responses, unnamed = [], ...route } = definition;
  const list: ExportableList = {
    path: route.path,
    scope: route.scope,
    params: route.params ?? z.object({}),
    query,
    unnamed,
    columns: columnsOf(item),
    listing,
    // What the schemas have read is what `select` takes.
    select: select as ExportableList['select'],
  };
  tools.lists.add(list);
  const page = responses[200];
  addRoute(
    tools,
    {
      ...route,
      method: 'get',
      query: query.extend({ format }),
      responses: {
        ...responses,
        200: { description: page?.description ?? '', ...page, files: Object.values(mediaTypes) },
      },
      problems: [...(route.problems ?? []), 503],
    },
    async (input) => {
      const { format: asked, ...pageQuery } = input.query as { format: 'json' | FileFormat };
      if (asked === 'json') {
        // Without `format` the query is what its own schema makes of it.
        return handler({ ...input, query: pageQuery } as unknown as RouteInput<Path, Query, z.ZodObject>);
      }
      const { principal, params, context } = input;
      const selected = await list.select({ principal, params, query: ofWholeList(pageQuery) });
      const { shop, scope, selection } = selected;
      const timeZone = shop?.time_zone ?? 'UTC';
      const filters = namedFilters(list, new URL(context.req.url).searchParams);
      const name = fileName({
        shopId: shop?.id ?? null,
        list: listing.name,
        filters,
        timeZone,
        format: asked,
      });
      return createFileResponse(tools.exports, context, {
        name,
        rows: (tx) => list.listing.rows(scope, tx, selection),
        file: {
          format: asked,
          columns: shownColumns(list, selected),
          name: listing.name,
          timeZone,
          currency: shop?.currency ?? null,
        },
      });
    },
  );
}

/**
 * The query of a list without what belongs to its pages.
 *
 * @param at the field of a body that the query stands in, for its faults
 * @throws RequestError 400 for a cursor: a file is the whole list
 */
export function ofWholeList(
  query: Record<string, unknown>,
  at: string | null = null,
): Record<string, unknown> {
  const { limit: _limit, cursor, with_total: _total, ...rest } = query;
  if (cursor === undefined) return rest;
  const path = at === null ? 'cursor' : `${at}.cursor`;
  throw badRequest([{ path, message: 'is of no use for a file, which holds the whole list.' }]);
}

/** What narrows a list, in the order in which it was asked for. */
export function namedFilters(
  { unnamed }: Pick<ExportableList, 'unnamed'>,
  query: URLSearchParams,
): [string, string][] {
  return [...query].filter(([name]) => !ofPages.includes(name) && !unnamed.includes(name));
}
