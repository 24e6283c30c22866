import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { TemporalAddress } from '../servers/temporal-address.ts';

export type { TemporalAddress } from '../servers/temporal-address.ts';

/**
 * Connects to Temporal where the standard variables and profiles point (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,
 * TEMPORAL_API_KEY, TEMPORAL_TLS_…, `temporal.toml`), or at another address with the same TLS and API key.
 */
export async function connectTemporal(temporal?: TemporalAddress): Promise<Client> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const address = temporal === undefined ? {} : { address: temporal.address };
  const connection = await Connection.connect({ ...connectionOptions, ...address, connectTimeout: '10s' });
  return new Client({ connection, namespace: temporal?.namespace ?? namespace ?? 'default' });
}

/** Where Temporal's UI shows a workflow; null where no UI is known. */
export function workflowUrl(uiUrl: string | null, namespace: string, workflowId: string): string | null {
  if (uiUrl === null) return null;
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
