import type { WorkbookPackage } from './open-package.ts';
import { parseXml } from './parse-xml.ts';
import { unreadable } from './workbook-error.ts';

const mostStrings = 2_000_000;

/** The texts that cells refer to by number. Formatting and reading aids are left out. */
export async function readSharedStrings(parts: WorkbookPackage, path: string): Promise<string[]> {
  const strings: string[] = [];
  if (!parts.has(path)) return strings;
  let current = '';
  let inText = false;
  let inPhonetic = false;
  await parseXml(parts.read(path), {
    open(name) {
      if (name === 'si') current = '';
      else if (name === 'rPh') inPhonetic = true;
      else if (name === 't') inText = true;
    },
    text(text) {
      if (inText && !inPhonetic) current += text;
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'rPh') inPhonetic = false;
      else if (name === 'si') strings.push(current);
      if (strings.length > mostStrings) throw unreadable('holds too many texts.');
    },
  });
  return strings;
}
