import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setUp } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const resultsFile = join(root, 'dist', '.test-results', `${process.pid}.json`);
const say = (line) => console.error(line);

/** Gets the Temporal server before the tests start, so that minutes of building do not count as a hanging test. */
async function temporalBinary(signal) {
  const script = pathToFileURL(join(root, 'dist', 'src', 'servers', 'temporal-binary.js')).href;
  const { acquireTemporalBinary } = await import(script);
  const cacheDirectory = process.env.TIDELINE_CACHE_DIR || join(homedir(), '.cache', 'tideline');
  return acquireTemporalBinary({ cacheDirectory, environment: process.env, report: say, signal });
}

function runVitest(args, environment, onChild) {
  const script = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultsFile}`];
  const child = spawn(process.execPath, [script, 'run', ...reporters, ...args], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  });
  onChild(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? code : 1));
  });
}

/** Counts tests; a file that could not even be loaded, and an error outside of any test, are one failure each. */
function count(exitCode) {
  if (!existsSync(resultsFile)) return { passed: 0, failed: 1, skipped: 0 };
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  const broken = results.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = results.numFailedTests + broken;
  return {
    passed: results.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

/**
 * Makes the clone runnable and runs Vitest on it, until told to stop by a signal.
 * @param args of `vitest run`
 * @param environment beside the present one
 * @returns how many tests passed, failed and were skipped
 */
export async function runTests(args, environment = {}) {
  let child = null;
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      abort.abort(new Error('The tests were interrupted.'));
      // A terminal's Ctrl-C reaches the tests by itself.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child?.kill('SIGINT');
    });
  }
  await setUp(say);
  const { path } = await temporalBinary(abort.signal);
  mkdirSync(dirname(resultsFile), { recursive: true });
  const exitCode = await runVitest(
    args,
    { ...process.env, ...environment, TIDELINE_TEMPORAL_BIN: path },
    (started) => {
      child = started;
    },
  );
  const counts = count(exitCode);
  rmSync(resultsFile, { force: true });
  return counts;
}
