import { randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TidelineError } from '../errors.ts';
import { readJsonObject, replaceFile } from './files.ts';

/** Raised when the layout of the data directory changes in a way that an older program would misread. */
const FORMAT = 1;

export interface Secrets {
  postgresPassword: string;
  /** `id:base64key`, newest first. */
  encryptionKeys: string;
}

/** What stays the same from one start to the next, and what commands need to find a running installation. */
export interface Runtime {
  postgresPort: number | null;
  temporalPort: number | null;
  temporalUiPort: number | null;
  /** Origin of the dashboard of the latest start. */
  publicUrl: string | null;
}

export interface DataDirectory {
  path: string;
  /** Random, made with the directory; tells two directories apart that had the same path at different times. */
  id: string;
  logs: string;
  readSecrets(): Secrets | null;
  /** Reads the secrets, makes them (mode 0600) on the first start. */
  ensureSecrets(): Secrets;
  /** Puts other encryption keys in place of those of the secrets, which must exist. */
  replaceEncryptionKeys(encryptionKeys: string): void;
  readRuntime(): Runtime;
  /** Changes some fields of `runtime.json`, keeping the others. */
  updateRuntime(change: Partial<Runtime>): void;
}

/**
 * Opens the data directory, creating it (mode 0700) on the first start.
 * @throws TidelineError when it cannot be written or was written by a newer Tideline
 */
export function openDataDirectory(folder: string): DataDirectory {
  const path = resolve(folder);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    // As root the helper user of PostgreSQL must pass through; every entry has a mode of its own.
    chmodSync(path, process.getuid?.() === 0 ? 0o711 : 0o700);
    mkdirSync(join(path, 'logs'), { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
    const versionFile = join(path, 'version');
    if (!existsSync(versionFile)) {
      const version = { format: FORMAT, id: randomBytes(8).toString('hex') };
      replaceFile(versionFile, `${JSON.stringify(version)}\n`, 0o600);
    }
    return describe(path);
  } catch (error) {
    throw notWritable(path, error);
  }
}

/** Opens a data directory for reading; null when there is none. */
export function findDataDirectory(folder: string): DataDirectory | null {
  const path = resolve(folder);
  return existsSync(join(path, 'version')) ? describe(path) : null;
}

function describe(path: string): DataDirectory {
  const version = readJsonObject(join(path, 'version'));
  if (version === null || typeof version.format !== 'number' || typeof version.id !== 'string') {
    throw new TidelineError({
      code: 'data-directory-damaged',
      message: `The folder ${path} is no data directory of Tideline: its version file is not readable.`,
      actor: 'operator',
      action: 'Set TIDELINE_DATA_DIR to another folder.',
    });
  }
  if (version.format > FORMAT) {
    throw new TidelineError({
      code: 'data-directory-newer',
      message: `The data directory ${path} was written by a newer Tideline (format ${version.format}, this program knows ${FORMAT}).`,
      actor: 'operator',
      action: 'Start the newer Tideline, or set TIDELINE_DATA_DIR to another folder.',
    });
  }
  const secretsFile = join(path, 'secrets.json');
  const runtimeFile = join(path, 'runtime.json');

  function readSecrets(): Secrets | null {
    const stored = readJsonObject(secretsFile);
    if (stored === null) return null;
    const { postgresPassword, encryptionKeys } = stored;
    if (typeof postgresPassword !== 'string' || typeof encryptionKeys !== 'string') {
      throw new TidelineError({
        code: 'data-directory-damaged',
        message: `The file ${secretsFile} lacks the password or the encryption keys.`,
        actor: 'operator',
        action: 'Put the file back from a backup: without its keys the stored tokens cannot be read.',
      });
    }
    return { postgresPassword, encryptionKeys };
  }

  function readRuntime(): Runtime {
    const stored = readJsonObject(runtimeFile) ?? {};
    return {
      postgresPort: portOrNull(stored.postgresPort),
      temporalPort: portOrNull(stored.temporalPort),
      temporalUiPort: portOrNull(stored.temporalUiPort),
      publicUrl: typeof stored.publicUrl === 'string' ? stored.publicUrl : null,
    };
  }

  return {
    path,
    id: version.id,
    logs: join(path, 'logs'),
    readSecrets,
    ensureSecrets: () => {
      const stored = readSecrets();
      if (stored !== null) return stored;
      // New keys beside old data would make every stored token unreadable without a word.
      if (existsSync(join(path, 'postgres'))) {
        throw new TidelineError({
          code: 'data-directory-damaged',
          message: `The data directory ${path} has a database but its secrets.json is gone.`,
          actor: 'operator',
          action: 'Put the file back from a backup, or remove the data directory to begin anew.',
        });
      }
      const made: Secrets = {
        postgresPassword: randomBytes(24).toString('base64url'),
        encryptionKeys: `k1:${randomBytes(32).toString('base64')}`,
      };
      replaceFile(secretsFile, `${JSON.stringify(made, null, 2)}\n`, 0o600);
      return made;
    },
    replaceEncryptionKeys: (encryptionKeys) => {
      const secrets = { ...readJsonObject(secretsFile), encryptionKeys };
      replaceFile(secretsFile, `${JSON.stringify(secrets, null, 2)}\n`, 0o600);
    },
    readRuntime,
    updateRuntime: (change) => {
      replaceFile(runtimeFile, `${JSON.stringify({ ...readRuntime(), ...change }, null, 2)}\n`, 0o600);
    },
  };
}

function portOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536 ? value : null;
}

function notWritable(path: string, cause: unknown): TidelineError {
  if (cause instanceof TidelineError) return cause;
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  const whose = owner === undefined || owner === process.getuid?.() ? '' : `, it belongs to user id ${owner}`;
  return new TidelineError({
    code: 'data-directory-not-writable',
    message: `The data directory ${path} cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'error'}${whose}).`,
    actor: 'operator',
    action: 'Make the folder writable or set TIDELINE_DATA_DIR to one that is.',
    cause,
  });
}
