import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { TidelineError } from '../errors.ts';
import { definedOnly, type TemporalAddress } from './temporal-address.ts';

const KEYWORD = 2;

/** Codes of gRPC that an operator can do something about. */
const notFound = 5;
const permissionDenied = 7;
const unauthenticated = 16;

/** A namespace that was just made is known to every part of a server only after a while, ten seconds by default. */
const namespaceSpreadMs = 30_000;
const namespaceCheckMs = 500;

/** Attributes that runs are found by; a start with one that the server does not know is refused. */
export const SEARCH_ATTRIBUTE_NAMES = ['ShopId', 'Stream', 'SyncMode'] as const;

type Target = Pick<TemporalAddress, 'address' | 'namespace'>;

/**
 * Checks a Temporal server of somebody's own and registers the search attributes that it lacks.
 * @throws TidelineError when it cannot be reached, lets nobody in, or lacks the namespace or the search attributes
 */
export async function prepareGivenTemporal(
  temporal: TemporalAddress,
  environment: NodeJS.ProcessEnv,
  report: (line: string) => void,
): Promise<void> {
  const { connectionOptions } = loadClientConnectConfig({ overrideEnvVars: definedOnly(environment) });
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: '10s' }).catch(
    (error: unknown) => {
      throw temporalNotUsable(temporal, error);
    },
  );
  try {
    await connection.workflowService.describeNamespace({ namespace: temporal.namespace }).catch((error) => {
      throw temporalNotUsable(temporal, error);
    });
    await registerSearchAttributes(connection, temporal, report);
  } finally {
    await connection.close();
  }
}

async function registerSearchAttributes(
  connection: Connection,
  { namespace }: TemporalAddress,
  report: (line: string) => void,
): Promise<void> {
  let missing: string[];
  try {
    missing = await findMissing(connection, namespace);
  } catch (error) {
    // A hosted server keeps this for its own tools; the attributes may be there all the same.
    report(
      `The search attributes of the Temporal namespace ${namespace} could not be looked at (${(error as Error).message}). Syncs need ${SEARCH_ATTRIBUTE_NAMES.join(', ')} as Keyword.`,
    );
    return;
  }
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (cause) {
    // Of several processes that start at once only one can make them.
    if ((await findMissing(connection, namespace)).length === 0) return;
    const flags = missing.map((name) => `--name ${name} --type Keyword`).join(' ');
    throw new TidelineError({
      code: 'temporal-search-attributes-missing',
      message: `The Temporal namespace ${namespace} lacks the search attributes ${missing.join(', ')}, and does not let Tideline make them (${(cause as Error).message}).`,
      actor: 'operator',
      action: `Let somebody who may run: temporal operator search-attribute create --namespace ${namespace} ${flags}`,
      cause,
    });
  }
  report(`Registered the search attributes ${missing.join(', ')} in the Temporal namespace ${namespace}.`);
}

/** The search attributes that a namespace lacks; it is known to exist, so that a server that does not find it is late. */
async function findMissing({ operatorService }: Connection, namespace: string): Promise<string[]> {
  const deadline = performance.now() + namespaceSpreadMs;
  while (true) {
    try {
      const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
      return SEARCH_ATTRIBUTE_NAMES.filter((name) => !(name in customAttributes));
    } catch (error) {
      if (rootOf(error).code !== notFound || performance.now() > deadline) throw error;
      await sleep(namespaceCheckMs);
    }
  }
}

/** What the server itself said: the client wraps it when it fails to connect. */
function rootOf(error: unknown): { code?: unknown; message?: string } {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? rootOf(cause) : (error as { code?: unknown; message?: string });
}

/** What a person can do about a server that cannot be worked with. */
export function temporalNotUsable({ address, namespace }: Target, cause: unknown): TidelineError {
  const told = (code: string, message: string, action: string): TidelineError =>
    new TidelineError({ code, message, action, actor: 'operator', cause });
  const { code, message } = rootOf(cause);
  if (code === notFound) {
    return told(
      'temporal-namespace-missing',
      `The Temporal server at ${address} has no namespace ${namespace}.`,
      `Set TEMPORAL_NAMESPACE to one that it has, or make it: temporal operator namespace create --namespace ${namespace} --retention 30d`,
    );
  }
  if (code === permissionDenied || code === unauthenticated) {
    return told(
      'temporal-access-refused',
      `The Temporal server at ${address} refuses access to the namespace ${namespace}: ${message}.`,
      'Check TEMPORAL_API_KEY or the client certificate of TEMPORAL_TLS_CLIENT_CERT_PATH, and what they may do.',
    );
  }
  return told(
    'temporal-not-reachable',
    `The Temporal server at ${address} (namespace ${namespace}) cannot be used: ${message}`,
    'Check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, the TEMPORAL_TLS variables and the server, or unset them to use the embedded one.',
  );
}
