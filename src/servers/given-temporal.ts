import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { TidelineError } from '../errors.ts';
import { definedOnly, type TemporalAddress } from './temporal-address.ts';

const KEYWORD = 2;

/** Attributes that runs are found by; a start with one that the server does not know is refused. */
export const SEARCH_ATTRIBUTE_NAMES = ['ShopId', 'Stream', 'SyncMode'] as const;

/**
 * Checks a Temporal server of somebody's own and registers the search attributes that it lacks.
 * @throws TidelineError when it cannot be reached or lacks the namespace
 */
export async function prepareGivenTemporal(
  temporal: TemporalAddress,
  environment: NodeJS.ProcessEnv,
  report: (line: string) => void,
): Promise<void> {
  const { connectionOptions } = loadClientConnectConfig({ overrideEnvVars: definedOnly(environment) });
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: '10s' }).catch(
    (error: unknown) => {
      throw notUsable(temporal, error);
    },
  );
  try {
    await connection.workflowService.describeNamespace({ namespace: temporal.namespace }).catch((error) => {
      throw notUsable(temporal, error);
    });
    await registerSearchAttributes(connection, temporal, report);
  } finally {
    await connection.close();
  }
}

async function registerSearchAttributes(
  connection: Connection,
  temporal: TemporalAddress,
  report: (line: string) => void,
): Promise<void> {
  const { namespace } = temporal;
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => !(name in customAttributes));
    if (missing.length === 0) return;
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    report(`Registered the search attributes ${missing.join(', ')} in the Temporal namespace ${namespace}.`);
  } catch (error) {
    // A hosted server keeps this for its own tools; the attributes may be there all the same.
    report(
      `The search attributes of the Temporal namespace ${namespace} could not be checked (${(error as Error).message}). Syncs need ${SEARCH_ATTRIBUTE_NAMES.join(', ')} as Keyword.`,
    );
  }
}

function notUsable(temporal: TemporalAddress, cause: unknown): TidelineError {
  return new TidelineError({
    code: 'temporal-not-reachable',
    message: `The Temporal server at ${temporal.address} (namespace ${temporal.namespace}) cannot be used: ${(cause as Error).message}`,
    actor: 'operator',
    action:
      'Check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the server, or unset them to use the embedded one.',
    cause,
  });
}
