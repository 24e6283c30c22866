import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/paths.ts';

/** A cell as openpyxl sees it: `s` text, `n` number or nothing, `d` date, `b` yes or no, `f` formula. */
export interface Cell {
  value: unknown;
  type: string;
  format: string;
}

export interface Sheet {
  name: string;
  frozen: string | null;
  widths: Record<string, number>;
  rows: Cell[][];
}

const script = join(packageRoot, 'test', 'support', 'read-table.py');

/** The first Python that knows openpyxl: the system's is not always the one on the path. */
const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import openpyxl']).status === 0,
);

/** What is missing on this machine to read workbooks; null: nothing. */
export function lacksOpenpyxl(): string | null {
  return python === undefined ? 'needs Python with openpyxl (apt-get install python3-openpyxl)' : null;
}

/** Reads a workbook with openpyxl. */
export function readWorkbook(bytes: Uint8Array): Sheet[] {
  return read('xlsx', bytes) as Sheet[];
}

/** Reads a CSV file with Python's own reader: every field as text, the header among the rows. */
export function readCsv(bytes: Uint8Array): string[][] {
  return read('csv', bytes) as string[][];
}

function read(kind: 'csv' | 'xlsx', bytes: Uint8Array): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'tideline-table-'));
  try {
    const path = join(folder, `table.${kind}`);
    writeFileSync(path, bytes);
    const output = execFileSync(python ?? 'python3', [script, kind, path], { maxBuffer: 256 * 1024 * 1024 });
    return JSON.parse(output.toString('utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
