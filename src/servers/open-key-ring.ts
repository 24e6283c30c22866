import { KeyRing, type MasterKeys, parseMasterKeys } from '../../encryption/key-ring.ts';
import { findDataDirectory } from './data-directory.ts';

/**
 * The key ring of a process. Keys that come from a data directory are read there again when one is needed that the
 * process does not know, or before one is used to wrap: their rotation needs no restart.
 *
 * @param directory null where the keys are those of the environment and stay as they are.
 */
export function openKeyRing(encryptionKeys: string, directory: string | null): KeyRing {
  const read = (): MasterKeys | null => {
    const secrets = directory === null ? null : (findDataDirectory(directory)?.readSecrets() ?? null);
    return secrets === null ? null : parseMasterKeys(secrets.encryptionKeys);
  };
  return new KeyRing(read() ?? parseMasterKeys(encryptionKeys), read);
}
