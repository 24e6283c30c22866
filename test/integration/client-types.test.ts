import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';

/** A project of somebody's shop, which has installed this package and a compiler with its usual settings. */
let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tideline-shop-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(packageRoot, join(project, 'node_modules', 'tideline'));
  writeFileSync(join(project, 'package.json'), '{"type": "module"}');
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['sign-up.ts'] }));
});

afterEach(() => rmSync(project, { recursive: true, force: true }));

function compile(event: string): { status: number | null; said: string } {
  writeFileSync(
    join(project, 'sign-up.ts'),
    `import { createTidelineClient } from 'tideline/client';
    const tideline = createTidelineClient({ url: 'https://tideline.example.com', apiKey: 'key' });
    const result = await tideline.track(new Request('https://shop.example/'), ${event}, { fields: {} });
    if (!result.ok) throw new Error(result.reason);`,
  );
  const tsc = join(packageRoot, 'node_modules', '.bin', 'tsc');
  const { status, stdout } = spawnSync(tsc, ['-p', project], { cwd: project, encoding: 'utf8' });
  return { status, said: stdout };
}

test("a shop's server compiles against tideline/client, and is told what an event lacks", () => {
  expect(compile(`{ event_name: 'COMPLETE_REGISTRATION', user: { email: 'kim@example.com' } }`)).toEqual({
    status: 0,
    said: '',
  });
  const { status, said } = compile(`{ user: { email: 'kim@example.com' } }`);
  expect(status).not.toBe(0);
  expect(said).toContain('event_name');
});
