import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { TidelineError } from '../../errors.ts';
import { packageRoot } from '../../paths.ts';
import { clean } from '../output.ts';

export interface SimulatorAddress {
  url: string;
  controlUrl: string;
  appKey: string;
  appSecret: string;
  serviceId: string;
}

export interface SimulatorProcess {
  address: SimulatorAddress;
  /** Resolves with a description when the process ends, asked to or not. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

export interface SimulatorProcessOptions {
  /** Options of `tideline simulate`. */
  args: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** Gets what the simulator says beside its address. */
  report(line: string): void;
  signal: AbortSignal;
  /** Another script than `tideline`; for tests. */
  script?: string;
}

const PATIENCE_MS = 5_000;
/** A file of nothing but broken lines must not fill the terminal. */
const MOST_LINES = 20;

/** Starts a simulator in a process of its own, so that it shares no thread with what is measured. */
export async function startSimulatorProcess(options: SimulatorProcessOptions): Promise<SimulatorProcess> {
  options.signal.throwIfAborted();
  const script = options.script ?? join(packageRoot, 'bin', 'tideline.mjs');
  const watchParent = pathToFileURL(join(packageRoot, 'dist', 'src', 'servers', 'watch-parent.js')).href;
  const args = [
    ...(options.script === undefined ? ['--import', watchParent] : []),
    script,
    'simulate',
    '--json',
    ...options.args,
  ];
  const child = spawn(process.execPath, args, {
    env: options.environment,
    // A group of its own: Ctrl-C reaches only the demo, which stops things in order. The channel's end tells the
    // simulator that the demo was killed.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null)
    throw new Error('The simulator has no output to read its address from.');
  let told = 0;
  const report = (line: string): void => {
    told += 1;
    if (told <= MOST_LINES) options.report(`Simulator: ${line}`);
    if (told === MOST_LINES) options.report('Simulator: … (further lines are left out)');
  };
  const lastWords: string[] = [];
  createInterface({ input: stderr }).on('line', (line) => {
    lastWords.splice(0, Math.max(0, lastWords.length - 7));
    lastWords.push(line);
    report(clean(line));
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  void ended.then(() => process.removeListener('exit', killAtExit));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await ended;
    clearTimeout(force);
  };
  try {
    const address = await Promise.race([
      readAddress(stdout, report),
      ended.then((how) => {
        throw new TidelineError({
          code: 'simulator-not-started',
          message: [`The simulator ended while it was starting (${how}).`, ...lastWords].join('\n'),
          actor: 'operator',
        });
      }),
      once(options.signal, 'abort').then(() => Promise.reject(options.signal.reason)),
    ]);
    return { address, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The line of JSON that `tideline simulate --json` prints when it is ready; whatever else it says is reported. */
function readAddress(
  output: NodeJS.ReadableStream,
  report: (line: string) => void,
): Promise<SimulatorAddress> {
  return new Promise((resolve, reject) => {
    createInterface({ input: output }).on('line', (line) => {
      if (!line.startsWith('{')) {
        report(clean(line));
        return;
      }
      try {
        const said = JSON.parse(line) as Record<
          'url' | 'control_url' | 'app_key' | 'app_secret' | 'service_id',
          string
        >;
        resolve({
          url: said.url,
          controlUrl: said.control_url,
          appKey: said.app_key,
          appSecret: said.app_secret,
          serviceId: said.service_id,
        });
      } catch (error) {
        reject(error);
      }
    });
  });
}
