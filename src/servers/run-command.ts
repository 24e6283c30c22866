import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Null when it could not be executed or was killed. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** Why it could not be executed. */
  error: NodeJS.ErrnoException | null;
}

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Killed after this time, milliseconds. */
  timeoutMs: number;
  signal: AbortSignal;
}

const MOST_OUTPUT = 64 * 1024;

/**
 * Runs a command to its end with its output collected (the last 64 KiB). Does not throw when it fails: the result says
 * how. When `signal` fires, the command and its own children are killed and the signal's reason is thrown.
 */
export async function runCommand(
  command: string,
  args: string[],
  options: CommandOptions,
): Promise<CommandResult> {
  options.signal.throwIfAborted();
  const result = await new Promise<CommandResult>((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a compiler's helpers can be stopped with it.
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout = (stdout + chunk.toString()).slice(-MOST_OUTPUT);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-MOST_OUTPUT);
    });
    const kill = (): void => {
      if (child.pid !== undefined && child.exitCode === null) killGroup(child.pid);
    };
    const timer = setTimeout(kill, options.timeoutMs);
    const finish = (exitCode: number | null, error: NodeJS.ErrnoException | null): void => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', kill);
      resolve({ exitCode, stdout, stderr, error });
    };
    options.signal.addEventListener('abort', kill, { once: true });
    child.once('error', (error) => finish(null, error));
    child.once('close', (exitCode) => finish(exitCode, null));
  });
  options.signal.throwIfAborted();
  return result;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Why a command failed, in a few words: its last line of errors, or what kept it from running. */
export function describeFailure(result: CommandResult): string {
  if (result.error !== null) return result.error.code ?? result.error.message;
  const lines = `${result.stdout}\n${result.stderr}`.trim().split('\n');
  const last = lines.at(-1)?.trim() ?? '';
  if (result.exitCode === null) return 'it took too long and was stopped';
  return last === '' ? `exit code ${result.exitCode}` : last.slice(0, 300);
}
