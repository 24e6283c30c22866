import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { KeyRing } from '../../encryption/key-ring.ts';
import { createPayloadCodec } from '../../encryption/payload-codec.ts';
import { temporalNotUsable } from '../servers/given-temporal.ts';
import { givenTemporalAddress, type TemporalAddress } from '../servers/temporal-address.ts';

export type { TemporalAddress } from '../servers/temporal-address.ts';

export interface PayloadSettings {
  keyRing: KeyRing;
  /** Whether new payloads are encrypted. */
  temporalCodec: boolean;
}

/** How clients and workers of a namespace read and write payloads; all of them must agree. */
export function createDataConverter(
  namespace: string,
  { keyRing, temporalCodec }: PayloadSettings,
): DataConverter {
  return { payloadCodecs: [createPayloadCodec({ keyRing, namespace, encrypts: temporalCodec })] };
}

/**
 * Connects to Temporal where the standard variables and profiles point (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,
 * TEMPORAL_API_KEY, TEMPORAL_TLS_…, `temporal.toml`), or at another address with the same TLS and API key.
 * @param payloads needed by whoever starts, signals or reads workflows
 * @throws TidelineError when it cannot be reached
 */
export async function connectTemporal(
  temporal?: TemporalAddress,
  payloads?: PayloadSettings,
): Promise<Client> {
  const target = temporal ?? givenTemporalAddress(process.env);
  const { connectionOptions } = loadClientConnectConfig();
  const address = target === null ? {} : { address: target.address };
  const namespace = target?.namespace ?? 'default';
  const connection = await Connection.connect({
    ...connectionOptions,
    ...address,
    connectTimeout: '10s',
  }).catch((error: unknown) => {
    throw temporalNotUsable(target ?? { address: '127.0.0.1:7233', namespace }, error);
  });
  return new Client({
    connection,
    namespace,
    ...(payloads === undefined ? {} : { dataConverter: createDataConverter(namespace, payloads) }),
  });
}

/** Where Temporal's UI shows a workflow; null where no UI is known. */
export function workflowUrl(uiUrl: string | null, namespace: string, workflowId: string): string | null {
  if (uiUrl === null) return null;
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
