import { isLoopbackHost } from '../../http/allowed-url.ts';
import { type Check, ok, type Subject, warn } from './check.ts';

export function checkCredentials({ config }: Subject): Check {
  const { appKey, appSecret, serviceId } = config.tiktokShop;
  const absent = [
    ...(appKey === null ? ['TIKTOK_SHOP_APP_KEY'] : []),
    ...(appSecret === null ? ['TIKTOK_SHOP_APP_SECRET'] : []),
    ...(serviceId === null ? ['TIKTOK_SHOP_SERVICE_ID'] : []),
  ];
  if (absent.length === 0) return ok('TikTok app', 'key, secret and service id are set');
  const action = 'Set what Partner Center shows for your app; without it no shop can be connected.';
  return warn('TikTok app', `${absent.join(', ')} ${absent.length === 1 ? 'is' : 'are'} not set`, action);
}

const SHORTEST_KEY = 24;

export function checkExposure({ config }: Subject): Check[] {
  const checks: Check[] = [];
  if (config.apiKey !== null && config.apiKey.length < SHORTEST_KEY) {
    checks.push(
      warn(
        'API key',
        'TIDELINE_API_KEY is short enough to be guessed',
        `Take at least ${SHORTEST_KEY} random characters.`,
      ),
    );
  }
  const url = new URL(config.publicUrl);
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    const action = 'Put a proxy with TLS in front and set TIDELINE_PUBLIC_URL to its https address.';
    checks.push(
      warn('Public address', `${config.publicUrl} sends keys over the network in clear text`, action),
    );
  }
  return checks;
}
