import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../../src/paths.ts';
import { keepOrFindPort } from '../../../src/servers/free-port.ts';
import { runCommand } from '../../../src/servers/run-command.ts';

const version = '2.5.0';
const buildPatienceMs = 4 * 60_000;
const startPatienceMs = 20_000;

export interface Proxy {
  /** `host:port` to connect to instead of the real one. */
  address: string;
  /** Every answer comes this much later. */
  delay(milliseconds: number): Promise<void>;
  /** Nothing passes any more in either direction; connections stay open, as in a network that is cut. */
  cut(): Promise<void>;
  /** Takes everything back. Connections of before are closed. */
  mend(): Promise<void>;
}

export interface Toxiproxy {
  /** A proxy before `host:port`. */
  before(upstream: string): Promise<Proxy>;
  stop(): Promise<void>;
}

const binary = join(
  process.env.TIDELINE_CACHE_DIR || join(homedir(), '.cache', 'tideline'),
  `toxiproxy-${version}-${process.platform}-${process.arch}`,
  'toxiproxy',
);

/** What is missing for a proxy, in words; null when nothing is. */
export function lacksToxiproxy(): string | null {
  if (existsSync(binary)) return null;
  const go = spawnSync('go', ['version']);
  return go.status === 0 ? null : 'toxiproxy is built with Go, and there is no "go" on PATH';
}

/** Starts Shopify's toxiproxy, built from the pinned module in tools/toxiproxy when it is not in the cache. */
export async function startToxiproxy(): Promise<Toxiproxy> {
  if (!existsSync(binary)) await build();
  const port = await keepOrFindPort(null);
  const child = spawn(binary, ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const url = `http://127.0.0.1:${port}`;
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`toxiproxy answered ${method} ${path} with ${response.status}: ${text}`);
    return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  };
  await answers(`${url}/version`);
  let proxies = 0;
  return {
    async before(upstream) {
      proxies += 1;
      const name = `proxy-${proxies}`;
      const made = await call('POST', '/proxies', { name, listen: '127.0.0.1:0', upstream, enabled: true });
      const add = (type: string, stream: string, attributes: object) =>
        call('POST', `/proxies/${name}/toxics`, { name: `${type}-${stream}`, type, stream, attributes });
      return {
        address: String(made.listen),
        async delay(latency) {
          await add('latency', 'downstream', { latency });
        },
        async cut() {
          await add('timeout', 'downstream', { timeout: 0 });
          await add('timeout', 'upstream', { timeout: 0 });
        },
        async mend() {
          await call('POST', `/proxies/${name}`, { enabled: false });
          await call('POST', '/reset');
        },
      };
    },
    async stop() {
      process.removeListener('exit', killAtExit);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function build(): Promise<void> {
  const folder = join(binary, '..');
  mkdirSync(folder, { recursive: true });
  const draft = join(folder, `draft-${process.pid}`);
  const program = 'github.com/Shopify/toxiproxy/v2/cmd/server';
  const result = await runCommand('go', ['build', '-trimpath', '-o', draft, program], {
    cwd: join(packageRoot, 'tools', 'toxiproxy'),
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly' },
    timeoutMs: buildPatienceMs,
    signal: new AbortController().signal,
  });
  if (result.exitCode !== 0) throw new Error(`toxiproxy could not be built: ${result.stderr.slice(-500)}`);
  renameSync(draft, binary);
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + startPatienceMs;
  while (Date.now() < deadline) {
    try {
      if ((await fetch(url)).ok) return;
    } catch (error) {
      // Refused until it listens.
      if (!(error instanceof TypeError)) throw error;
    }
    await sleep(50);
  }
  throw new Error('toxiproxy did not start.');
}
