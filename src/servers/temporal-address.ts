import { loadClientConnectConfig } from '@temporalio/envconfig';
import { TidelineError } from '../errors.ts';

/** Where the Temporal server is; TLS and API key of an own server come from the environment again when connecting. */
export interface TemporalAddress {
  /** `host:port` of the gRPC service. */
  address: string;
  namespace: string;
  /** Origin of the web interface, null when unknown. */
  uiUrl: string | null;
}

/**
 * The server that the standard Temporal variables or a `temporal.toml` profile name; null when they name none.
 * @throws TidelineError when they cannot be read
 */
export function givenTemporalAddress(environment: NodeJS.ProcessEnv): TemporalAddress | null {
  let connect: ReturnType<typeof loadClientConnectConfig>;
  try {
    connect = loadClientConnectConfig({ overrideEnvVars: definedOnly(environment) });
  } catch (error) {
    throw new TidelineError({
      code: 'temporal-configuration',
      message: `The Temporal settings of the environment or temporal.toml cannot be used: ${(error as Error).message}`,
      actor: 'operator',
      action: 'Correct the TEMPORAL_* variables or the profile that TEMPORAL_PROFILE names.',
      cause: error,
    });
  }
  const { address } = connect.connectionOptions;
  if (!address) return null;
  return {
    address,
    namespace: connect.namespace ?? 'default',
    uiUrl: environment.TIDELINE_TEMPORAL_UI_URL || null,
  };
}

/** The environment of a child that must reach exactly this server, and no other one by a leftover variable. */
export function temporalEnvironment(
  environment: NodeJS.ProcessEnv,
  temporal: TemporalAddress,
): NodeJS.ProcessEnv {
  const given = givenTemporalAddress(environment) !== null;
  const kept = Object.entries(environment).filter(([name]) => given || !name.startsWith('TEMPORAL_'));
  return {
    ...Object.fromEntries(kept),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...(temporal.uiUrl === null ? {} : { TIDELINE_TEMPORAL_UI_URL: temporal.uiUrl }),
  };
}

/** An environment without the variables that are listed but undefined. */
export function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) defined[name] = value;
  return defined;
}
