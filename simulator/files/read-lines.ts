import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { TidelineError } from '../../src/errors.ts';

/**
 * The lines of a text file, plain or gzip (told by its name), with their numbers from 1. Only a chunk of the file is in
 * memory. Throws a {@link TidelineError} for a file that cannot be read or unpacked.
 */
export async function* readLines(file: string): AsyncGenerator<{ number: number; text: string }> {
  const input = createReadStream(file, { highWaterMark: 1 << 18 });
  const unpacked = file.endsWith('.gz') ? input.pipe(createGunzip({ chunkSize: 1 << 18 })) : input;
  // pipe() does not carry errors over: without this a missing .gz file would be an uncaught exception.
  if (unpacked !== input) input.once('error', (error) => unpacked.destroy(error));
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  let number = 0;
  try {
    for await (const chunk of unpacked) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) {
        number += 1;
        yield { number, text };
      }
    }
  } catch (cause) {
    throw new TidelineError({
      code: 'order-file-unreadable',
      message: `The file ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      actor: 'user',
      action: 'Give the path of an NDJSON file, plain or ending in .gz.',
      cause,
    });
  } finally {
    input.destroy();
    unpacked.destroy();
  }
  rest += decoder.decode();
  if (rest !== '') yield { number: number + 1, text: rest };
}
