import { z } from '@hono/zod-openapi';
import { addDays, type Granularity } from '../analytics/calendar.ts';
import { declarationOf, rowNames, type StreamName } from '../analytics/streams.ts';
import type { ShopScope } from '../db/queries/shop-scope.ts';
import type { Coverage } from '../db/reports/analytics-coverage.ts';
import { listAnalytics } from '../db/reports/analytics-list.ts';
import type {
  AnalyticsFilters,
  AnalyticsList,
  AnalyticsPosition,
  AnalyticsRow,
} from '../db/reports/analytics-rows.ts';
import { alsoRefusedRange, refuseRange } from './day-range.ts';
import type { ApiDependencies, ShopRecord } from './dependencies.ts';
import { openFields, sealCursor } from './list-cursor.ts';
import type { Principal } from './principal.ts';
import { badRequest } from './problem.ts';
import { isSeries } from './routes/analytics.schema.ts';
import { seeSummedShops } from './summed-shops.ts';

/** What the queries of all lists of figures have in common. */
export interface FiguresQuery extends AnalyticsFilters {
  start_date: string;
  end_date: string;
  granularity?: Granularity | undefined;
  sort: string;
  order?: 'asc' | 'desc' | undefined;
  compare?: 'previous_period' | 'previous_year' | undefined;
  shops?: string[] | undefined;
}

export interface Paging {
  limit: number;
  cursor?: string | undefined;
  with_total: boolean;
}

export interface Planned {
  shop: ShopRecord;
  scope: ShopScope;
  list: AnalyticsList;
}

/** Lists of figures by day, as their routes plan and answer them. */
export function createAnalyticsLists({ sql, shops }: Pick<ApiDependencies, 'sql' | 'shops'>) {
  const visible = { sql, shops };

  /** The list that a query asks for, with the right to see each of its shops checked. */
  async function plan(
    principal: Principal,
    shopId: string,
    stream: StreamName,
    query: FiguresQuery,
  ): Promise<Planned> {
    const {
      start_date: from,
      end_date: last,
      granularity,
      sort,
      order,
      compare,
      shops: named,
      ...filters
    } = query;
    refuseRange(from, last);
    if (sort === 'date' && granularity === undefined && !isSeries(stream)) {
      const message = 'by date needs a granularity: without it rows have no date.';
      throw badRequest([{ path: 'sort', message }]);
    }
    const asked = { shop: shopId, shops: named, stream };
    const { shop, scope, others, currency } = await seeSummedShops(visible, principal, asked);
    return {
      shop,
      scope,
      list: {
        stream,
        others,
        from,
        to: addDays(last, 1),
        granularity: granularity ?? (isSeries(stream) ? 'day' : null),
        filters,
        sort,
        direction: order ?? (sort === 'date' ? 'asc' : 'desc'),
        compare: compare ?? null,
        currency,
      },
    };
  }

  async function answer(
    { scope, list }: Planned,
    { limit, cursor, with_total: withTotal }: Paging,
    show: (row: AnalyticsRow) => unknown = (row) => row,
  ) {
    const identity = [scope.shopId, list];
    const after = cursor === undefined ? null : openFields(identity, cursor, positionIn(list));
    const page = await listAnalytics(scope, sql, list, { limit, after, withTotal });
    return {
      status: 200,
      body: {
        data: page.rows.map(show),
        next_cursor: page.next === null ? null : sealCursor(identity, JSON.stringify(page.next)),
        ...(page.total === undefined ? {} : { total: page.total }),
        currency: list.currency,
        // Of all time nobody asked for the days that were not read.
        coverage: list.to === always.to ? page.coverage.map(ofDaysRead) : page.coverage,
        ...(page.previousCoverage === undefined ? {} : { previous_coverage: page.previousCoverage }),
      },
    };
  }

  /** What a file of a list holds. */
  const selectionOf = ({ shop, scope, list }: Planned) => {
    const leftOut = [
      ...(list.compare === null ? ['previous', 'change'] : []),
      ...(list.granularity === null ? ['date'] : []),
    ];
    return { shop, scope, selection: list, leftOut };
  };

  /** What is told of a LIVE session as a whole, on whichever day it ran. */
  async function planWholeSession(
    principal: Principal,
    { shop: shopId, id }: { shop: string; id: string },
    list: Pick<AnalyticsList, 'stream' | 'sort' | 'direction'>,
  ): Promise<Planned> {
    const asked = { shop: shopId, stream: list.stream };
    const { shop, scope, others, currency } = await seeSummedShops(visible, principal, asked);
    const whole = { ...always, granularity: null, compare: null };
    return {
      shop,
      scope,
      list: { ...list, ...whole, others, filters: { keys: { live_id: id } }, currency },
    };
  }

  return { plan, planWholeSession, answer, selectionOf };
}

const always = { from: '1970-01-01', to: '9999-01-01' };

function ofDaysRead(coverage: Coverage): Coverage {
  return { ...coverage, days: coverage.days_read };
}

/** What a list of figures is refused for and no schema says. */
export const alsoRefused = `${alsoRefusedRange}, shops of several currencies, and sorting by date where rows have none`;

const keyForms: Readonly<Record<string, RegExp>> = {
  smallint: /^\d{1,4}$/,
  timestamptz: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00$/,
};

/** What a cursor of the list holds: a value as it is sorted by, and the columns that tell rows apart. */
function positionIn({ stream, sort }: AnalyticsList): z.ZodType<AnalyticsPosition> {
  const declaration = declarationOf(stream);
  const types = new Map(declaration.keys);
  const row = rowNames(declaration).map((name) => z.string().regex(keyForms[types.get(name) ?? ''] ?? /^/));
  return z.strictObject({
    value:
      sort === 'date'
        ? z.string()
        : z
            .string()
            .regex(/^-?\d+(\.\d+)?$/)
            .nullable(),
    row: z.tuple(row as [z.ZodString, ...z.ZodString[]]),
  });
}
