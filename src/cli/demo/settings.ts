import { randomBytes } from 'node:crypto';
import { type Config, loadConfig } from '../../config.ts';
import { TidelineError } from '../../errors.ts';
import { keepOrFindPort, requireFreeAddress } from '../../servers/free-port.ts';
import type { SimulatorAddress } from './simulator-process.ts';

const DATA_DIRECTORY = '.tideline/demo';

/** Variables of accounts at TikTok and at the platforms that conversions go to and come from. */
const ofRealAccounts = /^(TIKTOK|META|GOOGLE|ACUITY|STRIPE)_/;

export interface DemoSettings {
  config: Config;
  /** What the demo's programs get. */
  environment: NodeJS.ProcessEnv;
  apiKey: string;
}

/** The environment of a demo before its simulator runs: own data directory, own key, a port that is free. */
export async function demoSettings(given: NodeJS.ProcessEnv): Promise<DemoSettings> {
  const environment: NodeJS.ProcessEnv = {
    ...given,
    TIDELINE_DATA_DIR: given.TIDELINE_DATA_DIR || DATA_DIRECTORY,
    TIDELINE_API_KEY: given.TIDELINE_API_KEY || `demo_${randomBytes(18).toString('base64url')}`,
  };
  // What belongs to a real app has no business in a demo, not even in its processes.
  for (const name of Object.keys(environment)) if (ofRealAccounts.test(name)) delete environment[name];
  const first = loadConfig(environment);
  if (!given.PORT) environment.PORT = String(await freePort(first));
  const config = loadConfig(environment);
  return { config, environment, apiKey: config.apiKey ?? '' };
}

/** The usual port, or another one while somebody else has it. */
async function freePort({ host, port }: Config): Promise<number> {
  try {
    await requireFreeAddress(host, port);
    return port;
  } catch (error) {
    if (error instanceof TidelineError && error.code === 'address-in-use') return keepOrFindPort(null);
    throw error;
  }
}

/** The same settings, pointed at a simulator. */
export function withSimulator(settings: DemoSettings, simulator: SimulatorAddress): DemoSettings {
  const environment: NodeJS.ProcessEnv = {
    ...settings.environment,
    TIKTOK_SHOP_API_URL: simulator.url,
    TIKTOK_SHOP_AUTH_URL: simulator.url,
    TIKTOK_SHOP_AUTHORIZE_URL: simulator.url,
    TIKTOK_EVENTS_API_URL: simulator.url,
    META_GRAPH_API_URL: simulator.url,
    GOOGLE_DATA_MANAGER_URL: simulator.url,
    GOOGLE_ADS_API_URL: simulator.url,
    GOOGLE_OAUTH_URL: simulator.url,
    ACUITY_API_URL: simulator.url,
    TIKTOK_SHOP_APP_KEY: simulator.appKey,
    TIKTOK_SHOP_APP_SECRET: simulator.appSecret,
    TIKTOK_SHOP_SERVICE_ID: simulator.serviceId,
  };
  return { ...settings, environment, config: loadConfig(environment) };
}
