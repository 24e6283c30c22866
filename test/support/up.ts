import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Installation } from '../../src/servers/index.ts';
import { isRunning, type ProcessIdentity } from '../../src/servers/process-identity.ts';

export interface RecordedChild extends ProcessIdentity {
  name: string;
}

/** A supervisor of its own process, as a person starts it. */
export interface UpProcess {
  child: ChildProcess;
  output(): string;
  /** The installation, once it is ready. Rejects with the output when it ends before. */
  ready: Promise<Installation & { firstKey: boolean }>;
  ended: Promise<number | null>;
}

export function startUp(dataDirectory: string, port: number): UpProcess {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  const child = spawn(process.execPath, [fileURLToPath(new URL('./up-process.mjs', import.meta.url))], {
    env: {
      TIDELINE_CACHE_DIR: join(homedir(), '.cache', 'tideline'),
      ...Object.fromEntries(environment),
      TIDELINE_DATA_DIR: dataDirectory,
      PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const ready = new Promise<Installation & { firstKey: boolean }>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /^READY (.*)$/m.exec(text)?.[1];
      if (found !== undefined) resolve(JSON.parse(found) as Installation & { firstKey: boolean });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(() => reject(new Error(text)));
  });
  // Tests of failures only look at the end.
  ready.catch(() => undefined);
  return { child, output: () => text, ready, ended };
}

/** The children that the supervisor of a data directory has recorded. */
export function recordedChildren(dataDirectory: string): RecordedChild[] {
  const text = readFileSync(join(dataDirectory, 'children.json'), 'utf8');
  return (JSON.parse(text) as { children: RecordedChild[] }).children;
}

export function stillRunning(children: RecordedChild[]): string[] {
  return children.filter((child) => isRunning(child)).map((child) => child.name);
}

/** Asks until the answer is not undefined; fails after `patienceMs`. */
export async function eventually<Result>(
  ask: () => Promise<Result | undefined> | Result | undefined,
  patienceMs = 20_000,
): Promise<Result> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`It did not happen within ${patienceMs} ms.`);
    await sleep(25);
  }
}
