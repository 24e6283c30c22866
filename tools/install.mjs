import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './setup-error.mjs';

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch {
    // Missing or cut short: nothing is known to be installed.
    return null;
  }
}

/** Whether `node_modules` holds what the lock file asks for. */
export function isInstalled(root) {
  const lock = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules', '.package-lock.json');
  const lockTime = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  const installedTime = statSync(installed, { throwIfNoEntry: false })?.mtimeMs;
  // npm writes its own copy last, so a half-finished installation has none.
  if (installedTime === undefined) return false;
  if (lockTime === undefined || lockTime <= installedTime) return true;
  // A checkout touches the file without changing it.
  const wanted = readPackages(lock);
  const present = readPackages(installed);
  if (wanted === null || present === null) return false;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      present[path]?.version === entry.version ||
      (entry.optional === true && !(path in present)),
  );
}

/** Installs the locked packages with npm. */
export function installPackages(root, say) {
  say('Installing packages (npm ci)…');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return;
  throw new SetupError(explain(root, result));
}

function explain(root, result) {
  if (result.error?.code === 'ENOENT') {
    return 'The packages are not installed and npm was not found: install npm (it comes with Node) and start again.';
  }
  const output = `${result.stdout ?? ''}\n${result.stderr ?? ''}`;
  if (/\b(EROFS|EACCES|EPERM)\b/.test(output)) {
    return `The packages cannot be installed because ${root} cannot be written: start from a folder that is yours, or run npm ci there once as its owner.`;
  }
  if (
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/.test(output)
  ) {
    return 'The packages are not installed and the package registry cannot be reached: connect to a network once and start again.';
  }
  const lines = output.trim().split('\n').slice(-6).join('\n');
  return `The packages could not be installed (npm ci ended with ${result.status ?? result.signal}):\n${lines}`;
}
