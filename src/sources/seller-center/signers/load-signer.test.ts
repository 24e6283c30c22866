import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSigner } from './load-signer.ts';

let root: string;
let folder: string;
const own =
  "export const id = 'own-1'; export const sign = ({ query }) => ({ append: [['X-Own', query.length + '']] });";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'signers-test-'));
  folder = join(root, 'signers');
  await mkdir(folder);
  await writeFile(join(folder, 'own.mjs'), own);
  await writeFile(join(root, 'outside.mjs'), own);
  await writeFile(join(folder, 'broken.mjs'), 'export const = ;');
  await writeFile(join(folder, 'throws.mjs'), "throw new Error('s3cret');");
  await writeFile(join(folder, 'empty.mjs'), 'export const id = 5;');
  await symlink(join(root, 'outside.mjs'), join(folder, 'link.mjs'));
});

afterAll(() => rm(root, { recursive: true, force: true }));

const load = (signer: string, trusted: string | null = null) =>
  loadSigner({ signer, profile: 'seed-5.1.1' }, { folder, trusted });

describe('the signer', () => {
  it('is none, built in, or a module of the folder', async () => {
    expect((await load('none')).id).toBe('none');
    expect((await load('builtin')).id).toBe('builtin:seed-5.1.1');
    expect((await load('own.mjs')).id).toBe('own-1');
    expect((await load(join(folder, 'own.mjs'))).id).toBe('own-1');
  });

  it.each([
    ['missing.mjs', 'there is no such file'],
    ['', 'loading it failed'],
    ['../outside.mjs', 'it lies outside the folder'],
    ['/etc/hostname', 'it lies outside the folder'],
    ['link.mjs', 'it lies outside the folder'],
    ['broken.mjs', 'loading it failed'],
    ['throws.mjs', 'loading it failed'],
    ['empty.mjs', 'it does not export'],
  ])('is refused with a reason: %s', async (signer, reason) => {
    await expect(load(signer)).rejects.toMatchObject({
      code: 'seller-center-signer-unloadable',
      actor: 'user',
      message: expect.stringContaining(reason),
      action: expect.stringContaining('folder for signers'),
    });
  });

  it('is refused where there is no folder for signers', async () => {
    const places = { folder: join(root, 'never-made'), trusted: null };
    const loading = loadSigner({ signer: join(root, 'outside.mjs'), profile: 'seed-5.1.1' }, places);
    await expect(loading).rejects.toMatchObject({ code: 'seller-center-signer-unloadable' });
  });

  it('may lie anywhere where the environment names it', async () => {
    const outside = join(root, 'outside.mjs');
    expect((await load(outside, outside)).id).toBe('own-1');
    await expect(load(join(root, 'other.mjs'), outside)).rejects.toMatchObject({ actor: 'user' });
  });
});
