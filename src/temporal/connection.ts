import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { TemporalAddress } from '../servers/temporal-address.ts';

export type { TemporalAddress } from '../servers/temporal-address.ts';

/**
 * Connects to Temporal: at the given address, else where the standard Temporal variables and profiles point
 * (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…, `temporal.toml`).
 */
export async function connectTemporal(temporal?: TemporalAddress): Promise<Client> {
  const configured = temporal ? null : loadClientConnectConfig();
  const options = configured?.connectionOptions ?? { address: temporal?.address ?? 'localhost:7233' };
  const connection = await Connection.connect({ ...options, connectTimeout: '10s' });
  return new Client({ connection, namespace: temporal?.namespace ?? configured?.namespace ?? 'default' });
}

/** Where Temporal's UI shows a workflow; null where no UI is known. */
export function workflowUrl(uiUrl: string | null, namespace: string, workflowId: string): string | null {
  if (uiUrl === null) return null;
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
