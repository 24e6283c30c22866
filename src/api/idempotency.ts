import { createHash, hkdfSync } from 'node:crypto';
import { type CipherKey, decrypt, encrypt, keyBytes } from '../../encryption/cipher.ts';
import type { Sql } from '../db/pool.ts';
import type { ApiContext } from './context.ts';
import type { Principal } from './principal.ts';
import { badRequest, RequestError } from './problem.ts';
import type { Answer } from './route.ts';

/**
 * Runs a POST once for each `Idempotency-Key` of a key (or session) and 24 hours: a repeat gets the kept answer, one
 * in flight 409, another request under the same key 422. A refused or failed request gives its key back.
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
    const credential = context.get('credential');
    if (credential === undefined) throw new TypeError('A route without sign-in must say idempotent: false.');
    const seal = sealOf(credential, `${principal.keyId ?? 'environment'}/${key}`);
    const entry = {
      owner: `${principal.keyId ?? 'environment'}/${seal.key.id}`,
      idempotency_key: key,
      request_hash: hashRequest(context, bodyBytes),
    };
    const kept = await claim(sql, entry);
    if (kept) return replay(kept, entry.request_hash, seal);
    try {
      const answer = await work();
      const body = answer.body === undefined ? null : Buffer.from(JSON.stringify(answer.body));
      const sealedBody = body === null ? null : encrypt(seal.key, body, seal.context);
      await sql`
        update idempotency_keys set status = ${answer.status}, sealed_body = ${sealedBody}
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
  sealed_body: Buffer | null;
}

type Seal = ReturnType<typeof sealOf>;

/** Answers may hold what is shown once. Only the credential that asked opens them, and that is not stored. */
function sealOf(credential: string, owner: string) {
  const derive = (info: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', credential, 'tideline kept answers', info, bytes));
  const key: CipherKey = { id: derive('id', 12).toString('hex'), key: derive('key', keyBytes) };
  return { key, context: { purpose: 'kept-answer', owner } };
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
    select request_hash, status, sealed_body from idempotency_keys
    where owner = ${entry.owner} and idempotency_key = ${entry.idempotency_key}`;
  // Given back between the two statements: the first request was refused, this one is as good as it.
  return kept ?? claim(sql, entry);
}

function replay(kept: Kept, requestHash: Buffer, { key, context }: Seal): Answer {
  if (!kept.request_hash.equals(requestHash)) {
    const message = 'This Idempotency-Key was used with another request.';
    throw new RequestError({ status: 422, code: 'idempotency-key-reused', message });
  }
  if (kept.status === null) {
    const message = 'A request with this Idempotency-Key is in flight.';
    throw new RequestError({ status: 409, code: 'idempotency-key-in-flight', message });
  }
  const headers = { 'Idempotent-Replay': 'true' };
  if (kept.sealed_body === null) return { status: kept.status, headers };
  const body = decrypt((id) => (id === key.id ? key.key : undefined), kept.sealed_body, context);
  return { status: kept.status, headers, body: JSON.parse(body.toString('utf8')) };
}

function hashRequest(context: ApiContext, bodyBytes: Uint8Array): Buffer {
  const { pathname, search } = new URL(context.req.url);
  return createHash('sha256')
    .update(`${context.req.method} ${pathname}${search}\n`)
    .update(bodyBytes)
    .digest();
}
