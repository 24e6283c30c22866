import { readFile, stat } from 'node:fs/promises';
import { UsageError } from './usage-error.ts';

const megabyte = 1024 * 1024;
/** No file that a command takes is larger than what an upload of it may be. */
const largestFile = 10 * megabyte;

/** What the user can do something about, by the system's error code. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'its permissions do not let this user read it',
  EPERM: 'its permissions do not let this user read it',
  EISDIR: 'it is a folder',
};

/**
 * Reads a file that was named on the command line.
 *
 * @throws UsageError when it is not there, is no file, may not be read, or is larger than 10 MB
 */
export async function readGivenFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > largestFile)
      throw new UsageError(`cannot read ${path}: it is larger than ${largestFile / megabyte} MB`);
    return await readFile(path);
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new UsageError(`cannot read ${path}: ${reason}`);
  }
}
