import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `tideline` as a person does; `onOutput` may look at what it said so far. */
function tideline(
  args: string[],
  onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [join(packageRoot, 'bin', 'tideline.mjs'), ...args], {
    env: { ...process.env, TIDELINE_DATA_DIR: join(tmpdir(), 'tideline-where-nothing-runs') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk;
    onOutput?.(said.stdout, (signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
}

test.each([
  [['--version'], 0],
  [['sync', '--help'], 0],
  [['status'], 1],
  [['snyc'], 2],
  [['status', '--nope'], 2],
  [['demo', '--once', '--orders', 'no/such/file.ndjson'], 2],
])('tideline %j ends with %d', async (args, code) => {
  const ended = await tideline(args);
  expect(ended).toMatchObject({ code });
  expect(ended.stderr).not.toContain('    at ');
});

test('the doctor speaks JSON and its exit code agrees with it', async () => {
  const { code, stdout } = await tideline(['doctor', '--json']);
  const answer = JSON.parse(stdout) as {
    ok: boolean;
    checks: { name: string; status: string; action: string | null }[];
  };
  expect(code).toBe(answer.ok ? 0 : 1);
  expect(answer.checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'Node',
      'npm packages',
      'Configuration',
      'Disk space',
      'Port',
      'PostgreSQL',
      'Temporal',
      'Clock',
    ]),
  );
  for (const check of answer.checks) expect(check.action === null, check.name).toBe(check.status === 'ok');
});

test('the simulator tells its address in one line of JSON and ends in peace', async () => {
  const { code, stdout } = await tideline(['simulate', '--json', '--orders-count', '10'], (said, kill) => {
    if (said.endsWith('\n')) kill('SIGTERM');
  });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    control_url: expect.stringMatching(/\/control$/),
    shops: [{ orders: 10 }],
  });
});
