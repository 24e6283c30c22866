import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readLines } from './read-lines.ts';

/** A row of `products.csv` as far as an order line shows it. */
export interface FileProduct {
  name: string;
  variant: string;
  brand: string | null;
  category: string;
}

/** Reads `products.csv` or `products.csv.gz` beside an order file; empty where there is none. */
export async function readProductsBeside(orderFile: string): Promise<Map<string, FileProduct>> {
  const products = new Map<string, FileProduct>();
  const file = ['products.csv', 'products.csv.gz']
    .map((name) => join(dirname(orderFile), name))
    .find((path) => existsSync(path));
  if (file === undefined) return products;
  let columns: string[] = [];
  for await (const { number, text } of readLines(file)) {
    const cells = splitCsv(text.replace(/\r$/, ''));
    if (number === 1) {
      columns = cells.map((cell) => cell.replace(/^\uFEFF/, ''));
      continue;
    }
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    const id = cell('product_id');
    if (id === '') continue;
    const title = cell('type') || cell('category') || cell('department');
    const brand = cell('brand');
    products.set(id, {
      name: title === '' ? `Product ${id}` : brand === '' ? title : `${title} (${brand})`,
      variant: cell('package_size'),
      brand: brand === '' ? null : brand,
      category: cell('category') || cell('department'),
    });
  }
  return products;
}

function splitCsv(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (quoted) {
      if (character !== '"') cell += character;
      else if (line.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  cells.push(cell);
  return cells;
}
