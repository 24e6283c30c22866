import type { Logger } from 'pino';
import type { Sql } from '../db/pool.ts';
import {
  type AuditActor,
  type AuditBeginning,
  type AuditObject,
  beginAudit,
  endAudit,
} from '../db/queries/audit-log.ts';
import { TidelineError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import type { Principal } from './principal.ts';
import { networkOf, remoteAddress } from './remote-address.ts';
import type { Answer } from './route.ts';

export interface AuditTrail {
  /**
   * Does `work` between its entry in the audit log and the outcome. Without the entry nothing is done. Ids in the body
   * of the answer are noted; `note` adds others.
   */
  follow(
    context: ApiContext,
    action: string,
    work: (note: (ids: AuditObject) => void) => Promise<Answer | Response>,
  ): Promise<Answer | Response>;
  /** Notes a key that was refused. */
  refused(context: ApiContext, action: string, status: number): Promise<void>;
}

/** The audit log of the API. */
export function createAuditTrail(sql: Sql, logger: Logger): AuditTrail {
  const end = async (context: ApiContext, auditId: number, status: number, object: AuditObject) => {
    const principal = context.get('principal');
    const outcome = status < 400 ? 'done' : status < 500 ? 'refused' : 'failed';
    try {
      await endAudit(sql, auditId, { outcome, status, ...actorOf(principal), object });
    } catch (error) {
      // What was done is done and is answered truly; the entry stays pending.
      const fields = { err: error, request_id: context.get('requestId'), audit_id: auditId, status };
      logger.error(fields, 'The outcome of a request could not be written to the audit log.');
    }
  };
  return {
    async follow(context, action, work) {
      const auditId = await beginAudit(sql, beginning(context, action));
      let noted: AuditObject = {};
      try {
        const answer = await work((ids) => {
          noted = { ...noted, ...idsOf(ids) };
        });
        await end(context, auditId, answer.status, { ...madeBy(answer), ...noted });
        return answer;
      } catch (error) {
        await end(context, auditId, error instanceof TidelineError ? error.status : 500, {});
        throw error;
      }
    },
    async refused(context, action, status) {
      const auditId = await beginAudit(sql, beginning(context, action));
      await endAudit(sql, auditId, { outcome: 'refused', status });
    },
  };
}

function beginning(context: ApiContext, action: string): AuditBeginning {
  return {
    ...actorOf(context.get('principal')),
    action,
    object: idsOf(context.req.param()),
    requestId: context.get('requestId'),
    address: networkOf(remoteAddress(context)),
  };
}

function actorOf(principal: Principal | undefined): { actor: AuditActor; keyId: string | null } {
  if (principal === undefined) return { actor: 'nobody', keyId: null };
  return { actor: principal.keyId === null ? 'environment' : 'key', keyId: principal.keyId };
}

/** The ids that tell what a request has made. */
function madeBy(answer: Answer | Response): AuditObject {
  if (answer instanceof Response || typeof answer.body !== 'object' || answer.body === null) return {};
  const { id, run_id, shop_id } = answer.body as Record<string, unknown>;
  return idsOf({ id, run_id, shop_id });
}

/** Whatever does not look like an id is left out: a path may hold anything, an e-mail address too. */
function idsOf(values: Record<string, unknown>): AuditObject {
  const ids = Object.entries(values).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string' && /^[\w.:,-]{1,200}$/.test(pair[1]),
  );
  return Object.fromEntries(ids);
}
