import { createKey } from '../../../src/api/keys.ts';
import type { Scope } from '../../../src/api/principal.ts';
import type { FaultRig } from './fault-rig.ts';

export interface Call {
  method?: string;
  /** Null: none. */
  key?: string | null;
  /** Text is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Operation {
  method: string;
  path: string;
  operationId: string;
  /** Null: open to everybody. */
  scope: Scope | null;
  parameters: { name: string; in: string }[];
}

/** The API of a rig as a client of any kind sees it. */
export interface Caller {
  /** With a key that may everything, where the call names no other. Redirects are not followed. */
  ask(path: string, call?: Call): Promise<Response>;
  makeKey(scopes: readonly Scope[], shopIds?: readonly string[] | null): Promise<{ id: string; key: string }>;
  /** Every operation of the document that the API gives of itself. */
  operations(): Promise<Operation[]>;
}

export async function createCaller(rig: FaultRig): Promise<Caller> {
  const makeKey: Caller['makeKey'] = (scopes, shopIds = null) =>
    createKey(rig.sql, { name: 'fault test', scopes, shopIds });
  const { key: adminKey } = await makeKey(['admin']);
  const ask: Caller['ask'] = (path, { method = 'GET', key = adminKey, body, headers = {} } = {}) =>
    fetch(`${rig.apiUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return {
    ask,
    makeKey,
    async operations() {
      const document = (await (await ask('/openapi.json')).json()) as {
        paths: Record<string, Record<string, OperationObject>>;
      };
      return Object.entries(document.paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => ({
          method: method.toUpperCase(),
          path,
          operationId: operation.operationId,
          scope: operation.security[0]?.apiKey?.[0] ?? null,
          parameters: operation.parameters ?? [],
        })),
      );
    },
  };
}

interface OperationObject {
  operationId: string;
  security: { apiKey?: [Scope] }[];
  parameters?: { name: string; in: string }[];
}

/** Reads every shop of a rig once, so that there is something to lose. */
export async function syncEveryShop(rig: FaultRig): Promise<Map<string, string>> {
  const shops = await rig.sql<{ id: string }[]>`select shop_id as id from shops order by shop_id`;
  const runs = new Map<string, string>();
  for (const { id } of shops) {
    const { run_id: runId } = await rig.start(id, 'full');
    await rig.finished(runId);
    runs.set(id, runId);
  }
  return runs;
}
