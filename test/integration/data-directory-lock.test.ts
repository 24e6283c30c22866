import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../support/lock-process.mjs', import.meta.url));

describe('the lock of a data directory', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  async function contend(): Promise<string> {
    const child = spawn(process.execPath, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return line.toString().trim();
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tideline-lock-'));
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    }
    rmSync(folder, { recursive: true });
  });

  it.each(['free', 'left by a dead process', 'left damaged'])(
    'is given to one of many, %s',
    async (before) => {
      if (before === 'left by a dead process')
        writeFileSync(join(folder, 'lock'), `${process.pid}\nearlier\n`);
      if (before === 'left damaged') writeFileSync(join(folder, 'lock'), '');
      const outcomes = await Promise.all(Array.from({ length: 8 }, contend));
      expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'already-running')).toHaveLength(7);
      expect(readdirSync(folder)).toEqual(['lock']);
    },
  );
});
