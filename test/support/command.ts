import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../src/paths.ts';

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The `tideline` command in a process of its own. */
export function startCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): { child: ChildProcess; result: Promise<CommandResult>; output(): string } {
  const child = spawn(process.execPath, [join(packageRoot, 'bin', 'tideline.mjs'), ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    written.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    written.stderr += chunk.toString();
  });
  const result = once(child, 'close').then(([code]) => ({ code: code as number | null, ...written }));
  return { child, result, output: () => written.stdout + written.stderr };
}

/** Runs the `tideline` command to its end. */
export function runCommand(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<CommandResult> {
  return startCommand(args, environment).result;
}
