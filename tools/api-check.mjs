import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { withLock } from './lock.mjs';
import { setUp } from './setup.mjs';
import { SetupError } from './setup-error.mjs';

const usage = `npm run api:check -- [--seed N] [--seconds N] [--examples N]

Holds every answer of a whole installation against its OpenAPI document, with requests made up by Schemathesis.
  --seed      repeats the choices of an earlier run (chosen and printed otherwise)
  --seconds   most seconds that the requests take (default 150)
  --examples  most requests made up for each operation and phase (default 40)`;

const root = fileURLToPath(new URL('..', import.meta.url));
const requirements = join(root, 'tools', 'schemathesis', 'requirements.txt');
const say = (line) => console.error(line);
const shopOrders = 300;
/** Operations after which there is no shop to try the others on. */
const destructive = ['disconnectShop'];

class UsageError extends Error {}

function wholeNumber(name, text) {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} must be a whole number, not "${text}".`);
  return text;
}

function readArguments() {
  const text = { type: 'string' };
  let values;
  try {
    ({ values } = parseArgs({
      options: { seed: text, seconds: text, examples: text, help: { type: 'boolean' } },
    }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  return {
    help: values.help === true,
    seed: wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000)),
    seconds: wholeNumber('seconds', values.seconds ?? '150'),
    examples: wholeNumber('examples', values.examples ?? '40'),
  };
}

/** The pinned Schemathesis in a Python environment of its own, in the cache beside the downloaded servers. */
async function installSchemathesis() {
  const cache = process.env.TIDELINE_CACHE_DIR || join(homedir(), '.cache', 'tideline');
  const wanted = readFileSync(requirements, 'utf8');
  const environment = join(cache, 'schemathesis');
  const stamp = join(environment, 'installed.txt');
  const program = join(environment, 'bin', 'schemathesis');
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  mkdirSync(cache, { recursive: true });
  await withLock(join(cache, '.schemathesis-lock'), say, async () => {
    if (isInstalled()) return;
    say('Installing Schemathesis…');
    rmSync(environment, { recursive: true, force: true });
    const run = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    try {
      run('python3', '-m', 'venv', environment);
      run(join(environment, 'bin', 'pip'), 'install', '--quiet', '--requirement', requirements);
    } catch (error) {
      throw new SetupError(
        `Schemathesis could not be installed (${error.message}). It needs Python 3.10 or newer with venv: apt-get install python3-venv.`,
      );
    }
    writeFileSync(stamp, wanted);
  });
  return program;
}

/** A shop with orders, so that requests find something. */
async function syncShop(api) {
  const { run_id: runId } = await api.post('/api/sync/orders/full', {});
  for (;;) {
    const { status, error } = await api.get(`/api/v1/syncs/${runId}`);
    if (status === 'completed') return;
    if (!['queued', 'running'].includes(status)) {
      throw new Error(`The sync is ${status}: ${JSON.stringify(error)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Tries all operations but the ones that take away what the others need, then these. */
async function tryOperations(program, options) {
  const named = destructive.flatMap((id) => ['--exclude-operation-id', id]);
  const most = await runSchemathesis(program, options, named);
  if (most !== 0) return most;
  const rest = destructive.flatMap((id) => ['--include-operation-id', id]);
  return runSchemathesis(program, { ...options, seconds: '30' }, rest);
}

function runSchemathesis(program, { apiUrl, key, scratch, seed, seconds, examples }, selection) {
  const args = [
    ...['--config-file', join(root, 'tools', 'schemathesis', 'schemathesis.toml')],
    ...['run', `${apiUrl}/openapi.json`, '--header', `Authorization: Bearer ${key}`, '--checks', 'all'],
    ...['--seed', seed, '--max-time', seconds, '--max-examples', examples, ...selection],
    ...['--generation-database', 'none', '--no-color'],
  ];
  // It leaves its notes where it is started.
  const child = spawn(program, args, { cwd: scratch, stdio: 'inherit' });
  const stop = () => child.kill('SIGINT');
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function main() {
  const { help, ...options } = readArguments();
  if (help) {
    console.log(usage);
    return 0;
  }
  say(`Seed ${options.seed}.`);
  await setUp(say);
  const program = await installSchemathesis();
  const script = pathToFileURL(join(root, 'dist', 'bench', 'support', 'rig.js')).href;
  const { startRig } = await import(script);
  const key = `check_${crypto.randomUUID()}`;
  const rig = await startRig({
    simulator: ['--orders-count', String(shopOrders), '--shops', '1'],
    environment: { TIDELINE_API_KEY: key, TIDELINE_API_REQUESTS_PER_SECOND: '10000' },
    report: () => undefined,
  });
  try {
    await rig.connect();
    await syncShop(rig.api);
    return await tryOperations(program, { apiUrl: rig.apiUrl, key, scratch: rig.dataDirectory, ...options });
  } finally {
    await rig.stop();
  }
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error.message);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
