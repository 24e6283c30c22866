import { posix } from 'node:path';
import { openPackage, type WorkbookPackage } from './open-package.ts';
import { parseXml } from './parse-xml.ts';
import { readSharedStrings } from './shared-strings.ts';
import { readSheetRows, type SheetRow } from './sheet-rows.ts';
import { unreadable } from './workbook-error.ts';

const workbookPath = 'xl/workbook.xml';

/**
 * The rows of the first sheet of an Excel workbook, one after the other.
 *
 * @throws WorkbookError when the file is anything else, hostile or too large.
 */
export async function* readFirstSheet(bytes: Buffer): AsyncGenerator<SheetRow> {
  const parts = await openPackage(bytes);
  const targets = await readTargets(parts);
  const sheet = targets.byId.get(await firstSheetId(parts));
  if (sheet === undefined) throw unreadable('is a workbook without a sheet.');
  const strings = targets.strings === null ? [] : await readSharedStrings(parts, targets.strings);
  yield* readSheetRows(parts, sheet, strings);
}

async function firstSheetId(parts: WorkbookPackage): Promise<string> {
  let id = '';
  await parseXml(parts.read(workbookPath), {
    open(name, attributes) {
      if (name === 'sheet' && id === '') id = attributes['r:id'] ?? attributes['relationships:id'] ?? '';
    },
  });
  return id;
}

interface Targets {
  byId: Map<string, string>;
  strings: string | null;
}

/** Where the parts of the workbook lie inside the archive; what lies outside of it is not looked at. */
async function readTargets(parts: WorkbookPackage): Promise<Targets> {
  const targets: Targets = { byId: new Map(), strings: null };
  await parseXml(parts.read('xl/_rels/workbook.xml.rels'), {
    open(name, { Id, Target, Type = '', TargetMode }) {
      if (name !== 'Relationship' || Id === undefined || Target === undefined || TargetMode === 'External')
        return;
      const path = posix.join(Target.startsWith('/') ? '.' : 'xl', Target.replace(/^\/+/, ''));
      targets.byId.set(Id, path);
      if (Type.endsWith('/sharedStrings')) targets.strings = path;
    },
  });
  return targets;
}
