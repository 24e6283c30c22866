import type { Sql, Transaction } from '../pool.ts';

/** A call to an upstream as the API shows it. */
export interface ApiCall {
  id: string;
  at: string;
  shop_id: string | null;
  run_id: string | null;
  method: string;
  path: string;
  attempt: number;
  http_status: number | null;
  code: string | null;
  request_id: string | null;
  outcome: string;
  duration_ms: number;
  response_bytes: number | null;
}

export interface ApiCallFilter {
  /** Null: every shop, and calls that belong to none. */
  shopIds: readonly string[] | null;
  runId: string | null;
  outcome: string | null;
  /** RFC 3339; from inclusive, to exclusive. */
  from: string | null;
  to: string | null;
}

function matching(sql: Sql | Transaction, { shopIds, runId, outcome, from, to }: ApiCallFilter) {
  return sql`
    (${shopIds === null} or shop_id = any(${[...(shopIds ?? [])]}))
    and (${runId}::text is null or run_id = ${runId}) and (${outcome}::text is null or outcome = ${outcome})
    and (${from}::timestamptz is null or at >= ${from}) and (${to}::timestamptz is null or at < ${to})`;
}

/** Calls, newest first, after the one with the id `after`. */
export async function listApiCalls(
  sql: Sql | Transaction,
  filter: ApiCallFilter,
  { after, limit }: { after: number | null; limit: number },
): Promise<ApiCall[]> {
  const rows = await sql<(Omit<ApiCall, 'id' | 'at'> & { api_call_id: number; time: Date })[]>`
    select api_call_id, at as time, shop_id, run_id, method, path, attempt, http_status, code::text, request_id,
      outcome, duration_ms, response_bytes
    from api_calls
    where ${matching(sql, filter)} and (${after}::bigint is null or api_call_id < ${after})
    order by api_call_id desc limit ${limit}`;
  return rows.map(({ api_call_id, time, ...row }) => ({
    id: String(api_call_id),
    at: time.toISOString(),
    ...row,
  }));
}

export async function countApiCalls(sql: Sql | Transaction, filter: ApiCallFilter): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from api_calls where ${matching(sql, filter)}`;
  return row?.count ?? 0;
}
