import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TidelineError } from '../../errors.ts';
import { packageRoot } from '../../paths.ts';
import { lockHolder } from '../../servers/data-directory-lock.ts';
import { requireFreeAddress } from '../../servers/free-port.ts';
import { type Check, fail, messageOf, ok, type Subject, warn } from './check.ts';

const GIB = 1024 ** 3;

export function checkNode(version: string = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return ok('Node', version);
  return fail('Node', `${version} is too old`, 'Install Node 20.19 or newer.');
}

/** Are the packages there, in the versions that this program was tested with? */
export function checkPackages(root: string = packageRoot): Check {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const wrong = Object.entries(manifest.dependencies ?? {}).flatMap(([name, wanted]) => {
    const file = join(root, 'node_modules', name, 'package.json');
    if (!existsSync(file)) return [`${name} is missing`];
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    return version === wanted ? [] : [`${name} is ${version} instead of ${wanted}`];
  });
  if (wrong.length === 0) return ok('npm packages', 'all installed');
  return fail('npm packages', wrong.join(', '), 'Run "npm ci".');
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

export function checkFolder(name: string, path: string, variable: string): Check {
  const place = nearestExisting(path);
  try {
    if (!statSync(place).isDirectory())
      return fail(name, `${place} is no folder`, `Set ${variable} to another one.`);
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    const action = `Make it writable for this user, or set ${variable} to a folder that is.`;
    return fail(name, `${place} cannot be written (${(error as NodeJS.ErrnoException).code})`, action);
  }
  return ok(name, place === path ? path : `${path} will be made`);
}

/** The secrets of an installation are its owner's alone. */
export function checkSecrets({ config }: Subject): Check[] {
  const file = join(config.dataDirectory, 'secrets.json');
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || (mode & 0o077) === 0) return [];
  return [fail('Secrets', `${file} can be read by other users`, `Run "chmod 600 ${file}".`)];
}

export async function checkDiskSpace({ config }: Subject): Promise<Check> {
  const place = nearestExisting(config.dataDirectory);
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const detail = `${(free / GIB).toFixed(1)} GiB free at ${place}`;
  const action =
    'Make room, or set TIDELINE_DATA_DIR to a bigger disk: a shop of 370,000 orders takes about 2 GiB.';
  if (free < GIB) return fail('Disk space', detail, action);
  return free < 5 * GIB ? warn('Disk space', detail, action) : ok('Disk space', detail);
}

export async function checkPort({ config }: Subject): Promise<Check> {
  const { host, port } = config;
  const place = `${host}:${port}`;
  const holder = lockHolder(config.dataDirectory);
  try {
    await requireFreeAddress(host, port);
    return ok('Port', `${place} is free`);
  } catch (error) {
    if (!(error instanceof TidelineError)) throw error;
    if (error.code === 'address-in-use' && holder !== null)
      return ok('Port', `${place} is taken, and Tideline runs (process ${holder.pid})`);
    // "tideline api" by itself locks no data directory.
    if (error.code === 'address-in-use' && (await isApi(place)))
      return ok('Port', `${place} is taken, and an API of Tideline answers there`);
    return fail('Port', error.message, error.action ?? 'Set PORT to a free port.');
  }
}

/** Whether the API is what listens there; another program answers otherwise, or not at all. */
async function isApi(place: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${place}/health/live`, { signal: AbortSignal.timeout(3_000) });
    return ((await answer.json()) as { status?: unknown } | null)?.status === 'live';
  } catch {
    return false;
  }
}

const FARTHEST_MS = 240_000;
const NOTABLE_MS = 30_000;

/** TikTok refuses calls whose time stamp is minutes off. */
export async function checkClock({ config }: Subject): Promise<Check> {
  const { origin } = new URL(config.tiktokShop.apiUrl);
  let date: string | null;
  const asked = Date.now();
  try {
    date = (
      await fetch(origin, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(3_000) })
    ).headers.get('date');
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return warn(
      'Clock',
      `${origin} cannot be reached (${messageOf(cause)})`,
      'Check the network, proxy and firewall.',
    );
  }
  const upstream = Date.parse(date ?? '');
  if (Number.isNaN(upstream))
    return warn('Clock', `${origin} tells no time`, 'Check what answers at TIKTOK_SHOP_API_URL.');
  const offset = (asked + Date.now()) / 2 - upstream;
  const detail = `${Math.round(Math.abs(offset) / 1_000)} s ${offset < 0 ? 'behind' : 'ahead of'} ${origin}`;
  const action = 'Let the machine keep its time by NTP.';
  if (Math.abs(offset) > FARTHEST_MS) return fail('Clock', detail, action);
  return Math.abs(offset) > NOTABLE_MS ? warn('Clock', detail, action) : ok('Clock', detail);
}
