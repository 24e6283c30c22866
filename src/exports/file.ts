import type { Column, ListRow } from './columns.ts';
import { createCsvLines } from './csv.ts';
import { streamWorkbook } from './xlsx.ts';

export const fileFormats = ['csv', 'xlsx'] as const;
export type FileFormat = (typeof fileFormats)[number];

export const mediaTypes: Record<FileFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export interface FileOptions {
  format: FileFormat;
  columns: readonly Column[];
  /** Kebab-case; of the sheet. */
  name: string;
  /** See `WorkbookOptions`. */
  timeZone: string;
  currency: string | null;
}

/** The bytes of a file with the rows; memory is that of a few batches. */
export function streamFile(
  batches: AsyncIterable<readonly ListRow[]>,
  { format, columns, ...workbook }: FileOptions,
): AsyncIterable<Uint8Array> {
  return format === 'csv' ? streamCsv(batches, columns) : streamWorkbook(columns, batches, workbook);
}

async function* streamCsv(
  batches: AsyncIterable<readonly ListRow[]>,
  columns: readonly Column[],
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const lines = createCsvLines(columns);
  // Before the first row is there: whoever asked sees at once that the file comes.
  yield encoder.encode(lines.header);
  for await (const rows of batches) yield encoder.encode(lines.of(rows));
}
