import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGivenFile } from './read-given-file.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-given-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a file named on the command line', () => {
  it('is read as it is', async () => {
    writeFileSync(join(folder, 'bytes'), Buffer.from([0, 255, 10]));
    expect(await readGivenFile(join(folder, 'bytes'))).toEqual(Buffer.from([0, 255, 10]));
  });

  it('says what is wrong with it', async () => {
    await expect(readGivenFile(join(folder, 'none'))).rejects.toThrow(/none: there is no such file$/);
    await expect(readGivenFile(folder)).rejects.toThrow(/: it is a folder$/);
    writeFileSync(join(folder, 'large'), '');
    truncateSync(join(folder, 'large'), 10 * 1024 * 1024 + 1);
    await expect(readGivenFile(join(folder, 'large'))).rejects.toThrow(/larger than 10 MB$/);
  });

  // Nothing keeps root from reading.
  it.skipIf(process.getuid?.() === 0)('says that it may not be read', async () => {
    writeFileSync(join(folder, 'closed'), 'x');
    chmodSync(join(folder, 'closed'), 0);
    await expect(readGivenFile(join(folder, 'closed'))).rejects.toThrow(/permissions/);
  });
});
