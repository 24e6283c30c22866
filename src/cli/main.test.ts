import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { packageRoot } from '../paths.ts';
import type { CommandContext } from './context.ts';
import { main } from './main.ts';
import { createProgram } from './program.ts';

afterEach(() => vi.restoreAllMocks());

/** A folder in which nothing runs. */
const nowhere = { TIDELINE_DATA_DIR: join(tmpdir(), 'tideline-where-nothing-runs') };

async function run(argv: string[], environment: NodeJS.ProcessEnv = nowhere) {
  const written = { stdout: '', stderr: '' };
  const code = await main(argv, {
    environment,
    stdout: {
      write: (text) => {
        written.stdout += text;
      },
    },
    stderr: {
      write: (text) => {
        written.stderr += text;
      },
    },
  });
  return { code, ...written };
}

function allCommands(): { path: string[]; command: Command }[] {
  const silent = { write: () => undefined };
  const context: CommandContext = { environment: {}, stdout: silent, stderr: silent, exitCode: 0 };
  const walk = (command: Command, path: string[]): { path: string[]; command: Command }[] => [
    { path, command },
    ...command.commands.flatMap((child) => walk(child, [...path, child.name()])),
  ];
  return walk(createProgram(context), []);
}

test('the commands of this issue are there, and no others', () => {
  expect(
    allCommands()
      .filter(({ command }) => command.commands.length === 0)
      .map(({ path }) => path.join(' ')),
  ).toEqual([
    'demo',
    'up',
    'api',
    'worker',
    'migrate',
    'shops connect',
    'shops list',
    'shops disconnect',
    'shops erase',
    'seller-center connect',
    'seller-center change',
    'seller-center status',
    'seller-center disconnect',
    'sync',
    'backfill',
    'analytics import-workbook',
    'brands list',
    'brands set',
    'brands preview',
    'reconcile',
    'status',
    'quarantine list',
    'drift list',
    'deliveries list',
    'deliveries show',
    'deliveries replay',
    'deliveries preview',
    'export',
    'rebuild',
    'keys create',
    'keys list',
    'keys revoke',
    'keys rotate-encryption',
    'erase-buyer',
    'backup',
    'restore',
    'doctor',
    'simulate',
    'bench',
    'check',
  ]);
});

test.each(allCommands().map(({ path, command }) => [path.join(' '), path, command] as const))(
  'help of "%s" has a description and, where it does something, examples',
  async (_, path, command) => {
    const { code, stdout, stderr } = await run([...path, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: ${['tideline', ...path].join(' ')}`);
    expect(stdout.length).toBeGreaterThan(100);
    if (command.commands.length === 0 || path.length === 0) expect(stdout).toContain('Examples:');
  },
);

test('docs/command-line.md describes every command and every option', () => {
  const page = readFileSync(join(packageRoot, 'docs/command-line.md'), 'utf8');
  for (const { path, command } of allCommands()) {
    if (path.length === 0 || command.commands.length > 0) continue;
    expect(page, path.join(' ')).toContain(`tideline ${path.join(' ')}`);
    // The simulator's many knobs are described by its own help.
    if (path[0] === 'simulate') continue;
    for (const { long } of command.options) expect(page, `${path.join(' ')} ${long}`).toContain(`${long}`);
  }
});

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([
  ['no command', [], ''],
  ['an unknown command', ['snyc'], "unknown command 'snyc'"],
  ['an unknown subcommand', ['keys', 'rotate'], "unknown command 'rotate'"],
  ['an unknown option', ['status', '--jsn'], "unknown option '--jsn'"],
  ['an unknown stream', ['sync', 'order'], 'Allowed choices are orders, products, analytics'],
  ['a missing argument', ['shops', 'disconnect'], "missing required argument 'shop'"],
  ['one argument too many', ['status', 'shop-1'], 'too many arguments'],
  ['a date that does not exist', ['sync', 'orders', '--from', '2026-02-31'], 'Write it as 2026-01-31'],
  [
    'a window that ends before it begins',
    ['sync', 'orders', '--from', '2026-02-02', '--to', '2026-02-01'],
    'before --to',
  ],
  [
    'a backfill that ends before it begins',
    ['backfill', '--from', '2026-02-02', '--to', '2026-02-01'],
    'must not be after --to',
  ],
  [
    'a backfill of a century',
    ['backfill', '--from', '1926-01-01', '--to', '2026-01-01'],
    'less than 3660 days',
  ],
  ['a day that does not exist', ['backfill', '--from', '2026-02-30', '--to', '2026-03-01'], 'Write it as'],
  ['a backfill without days', ['backfill'], '--from'],
  ['--to alone', ['sync', 'orders', '--to', '2026-02-01'], '--to needs --from'],
  ['--full with a window', ['sync', 'orders', '--full', '--from', '2026-02-01'], 'leave --from and --to out'],
  ['unknown scopes', ['keys', 'create', '--scopes', 'read,everything'], 'Scopes are read'],
  [
    'a missing file of orders',
    ['demo', '--once', '--orders', 'no/such/file.ndjson'],
    'no file of orders at no/such/file',
  ],
  ['a file beside generated shops', ['demo', '--orders', 'package.json', '--shops', '2'], 'leave --shops'],
  ['a number that is none', ['demo', '--orders-count', '1e3'], 'whole number'],
  ['a wrong option of the simulator', ['simulate', '--port', 'x'], '--port must be a number'],
  ['an unknown benchmark', ['bench', 'no-such'], 'there is no benchmark no-such'],
])('%s is wrong usage', async (_, argv, fault) => {
  const { code, stdout, stderr } = await run(argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(fault);
  expect(stderr).toMatch(/--help/);
});

test.each([
  [['status']],
  [['shops', 'list', '--json']],
  [['keys', 'create']],
  [['sync', 'orders']],
  [['migrate']],
])('%s says in two lines that nothing runs', async (argv) => {
  const { code, stdout, stderr } = await run(argv);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^tideline: No Tideline runs on the data directory .*\nStart it with .*\n$/);
});

test('a wrong configuration is one message without a stack', async () => {
  const { code, stderr } = await run(['up'], { PORT: 'x', HOST: 'a b' });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^tideline: The configuration is wrong in 2 places:\n {2}HOST .*\n {2}PORT .*\nCorrect/,
  );
  expect(stderr).not.toContain('    at ');
});

test('a database that cannot be reached is said plainly, without its password', async () => {
  const { code, stderr } = await run(['status'], {
    DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/db',
    TIDELINE_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^tideline: PostgreSQL cannot be used: .*\nCheck/);
  expect(stderr).not.toContain('hunter2');
});

test('an unexpected error asks for a report and shows its stack at debug level only', async () => {
  vi.doMock('./doctor/examine.ts', () => ({
    examine: () => Promise.reject(new RangeError('at https://a.example/?token=hunter2')),
  }));
  try {
    const plain = await run(['doctor']);
    expect(plain.code).toBe(1);
    expect(plain.stderr).toContain('unexpected error: at https://a.example/?[redacted]\n');
    expect(plain.stderr).toContain('please report it');
    expect(plain.stderr).not.toContain('    at ');
    const debug = await run(['doctor'], { LOG_LEVEL: 'debug' });
    expect(debug.stderr).toContain('RangeError');
    expect(debug.stderr).not.toContain('hunter2');
  } finally {
    vi.doUnmock('./doctor/examine.ts');
  }
});
