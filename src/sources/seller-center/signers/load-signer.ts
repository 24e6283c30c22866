import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ApiError } from '../../tiktok-shop/errors.ts';
import type { SignatureProfile } from '../connection.ts';
import { builtinSigner } from './builtin.ts';
import { noSigner, type Signer } from './signer.ts';

export interface SignerChoice {
  /** `none`, `builtin`, or the path of a module. */
  signer: string;
  profile: SignatureProfile;
}

export interface SignerPlaces {
  /** Where modules have to lie: a path comes over the network, and whatever it names would be run. Absolute. */
  folder: string;
  /** A module that whoever runs Tideline has named in the environment; it may lie anywhere. */
  trusted: string | null;
}

/**
 * The signer of a choice. A module exports `id` and `sign`.
 *
 * @throws ApiError for the user when a module is missing, lies elsewhere, does not load or exports something else.
 */
export async function loadSigner({ signer, profile }: SignerChoice, places: SignerPlaces): Promise<Signer> {
  if (signer === 'none') return noSigner;
  if (signer === 'builtin') return builtinSigner(profile);
  const file = await findModule(signer, places);
  const loaded = await importModule(file);
  if (typeof loaded.sign !== 'function' || typeof loaded.id !== 'string' || loaded.id === '') {
    throw unloadable('it does not export a text "id" and a function "sign"');
  }
  return { id: loaded.id.slice(0, 100), sign: loaded.sign as Signer['sign'] };
}

/** The real path of a signer module, links followed. Throws as {@link loadSigner} does. */
export async function findModule(signer: string, { folder, trusted }: SignerPlaces): Promise<string> {
  const named = resolve(folder, signer);
  const file = await realpath(named).catch((cause: unknown) => {
    throw unloadable('there is no such file', cause);
  });
  if (signer === trusted) return file;
  // Where the folder does not exist nothing lies in it.
  const inside = relative(await realpath(folder).catch(() => folder), file);
  if (inside.startsWith('..') || isAbsolute(inside))
    throw unloadable('it lies outside the folder for signers');
  return file;
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    throw unloadable('loading it failed', cause);
  }
}

function unloadable(reason: string, cause?: unknown): ApiError {
  return new ApiError({
    kind: 'configuration',
    actor: 'user',
    code: 'seller-center-signer-unloadable',
    message: `The signer module of the seller center cannot be used: ${reason}.`,
    action: 'Put the module into the folder for signers, or choose the signer none or builtin.',
    cause,
  });
}
