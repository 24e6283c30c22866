import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Every file below the given folders and files, sorted; what does not exist is left out. */
function listFiles(paths) {
  const files = [];
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (!stat.isDirectory()) files.push(path);
    else for (const name of readdirSync(path)) files.push(...listFiles([join(path, name)]));
  }
  return files.sort();
}

/**
 * One value that changes when a file is added, removed or written. Sizes and times are enough, and far cheaper than
 * reading everything at each start.
 */
export function fingerprintOf(paths, ...extra) {
  const hash = createHash('sha256');
  for (const file of listFiles(paths)) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  for (const text of extra) hash.update(`${text}\n`);
  return hash.digest('hex');
}

/** The content of a module and of everything that it imports by a relative path. */
export function fingerprintOfImports(entry, ...extra) {
  const hash = createHash('sha256');
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file) || !existsSync(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    hash.update(`${file}\0${text}\0`);
    for (const [, specifier] of text.matchAll(/\bfrom\s+'(\.[^']+)'/g)) {
      visit(resolve(dirname(file), specifier));
    }
  };
  visit(entry);
  for (const text of extra) hash.update(`${text}\n`);
  return hash.digest('hex');
}
