import { createHash } from 'node:crypto';
import type { Sql } from '../db/pool.ts';
import type { ApiContext } from './context.ts';
import type { Principal } from './principal.ts';
import { badRequest, RequestError } from './problem.ts';
import type { Answer } from './route.ts';

/**
 * Runs a POST once for each `Idempotency-Key` of a principal and 24 hours: a repeat gets the kept answer, one in
 * flight 409, another request under the same key 422. A refused or failed request gives its key back.
 */
export function createOnce(sql: Sql) {
  return async (
    { context, principal, bodyBytes }: { context: ApiContext; principal: Principal; bodyBytes: Uint8Array },
    work: () => Promise<Answer>,
  ): Promise<Answer> => {
    const key = context.req.header('idempotency-key');
    if (key === undefined) return work();
    if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
      throw badRequest([{ path: 'Idempotency-Key', message: 'must be 1 to 200 printable characters.' }]);
    }
    const entry = {
      owner: principal.keyId ?? 'environment',
      idempotency_key: key,
      request_hash: hashRequest(context, bodyBytes),
    };
    const kept = await claim(sql, entry);
    if (kept) return replay(kept, entry.request_hash);
    try {
      const answer = await work();
      const body = answer.body === undefined ? null : JSON.stringify(answer.body);
      await sql`
        update idempotency_keys set status = ${answer.status}, body = ${body}
        where owner = ${entry.owner} and idempotency_key = ${key}`;
      return answer;
    } catch (error) {
      await sql`
        delete from idempotency_keys
        where owner = ${entry.owner} and idempotency_key = ${key} and status is null`;
      throw error;
    }
  };
}

interface Entry {
  owner: string;
  idempotency_key: string;
  request_hash: Buffer;
}

interface Kept {
  request_hash: Buffer;
  status: number | null;
  body: string | null;
}

/** Takes the key for this request, or tells what is kept under it. */
async function claim(sql: Sql, entry: Entry): Promise<Kept | null> {
  // A claim without an answer after two minutes belongs to a process that died.
  await sql`
    delete from idempotency_keys
    where created_at < now() - interval '24 hours'
      or (status is null and created_at < now() - interval '2 minutes')`;
  const inserted =
    await sql`insert into idempotency_keys ${sql({ ...entry })} on conflict do nothing returning 1`;
  if (inserted.length > 0) return null;
  const [kept] = await sql<Kept[]>`
    select request_hash, status, body from idempotency_keys
    where owner = ${entry.owner} and idempotency_key = ${entry.idempotency_key}`;
  // Given back between the two statements: the first request was refused, this one is as good as it.
  return kept ?? claim(sql, entry);
}

function replay(kept: Kept, requestHash: Buffer): Answer {
  if (!kept.request_hash.equals(requestHash)) {
    const message = 'This Idempotency-Key was used with another request.';
    throw new RequestError({ status: 422, code: 'idempotency-key-reused', message });
  }
  if (kept.status === null) {
    const message = 'A request with this Idempotency-Key is in flight.';
    throw new RequestError({ status: 409, code: 'idempotency-key-in-flight', message });
  }
  const headers = { 'Idempotent-Replay': 'true' };
  return { status: kept.status, headers, ...(kept.body === null ? {} : { body: JSON.parse(kept.body) }) };
}

function hashRequest(context: ApiContext, bodyBytes: Uint8Array): Buffer {
  const { pathname, search } = new URL(context.req.url);
  return createHash('sha256')
    .update(`${context.req.method} ${pathname}${search}\n`)
    .update(bodyBytes)
    .digest();
}
