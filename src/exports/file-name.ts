import type { FileFormat } from './file.ts';

const longestFilter = 100;

export interface FileNameParts {
  /** Null for lists that belong to no shop. */
  shopId: string | null;
  list: string;
  /** What narrows and orders the list, as it was asked for. */
  filters: readonly (readonly [name: string, value: string])[];
  timeZone: string;
  format: FileFormat;
}

/**
 * What a file is, told by its name: shop, list, range and filters, and the time zone of its days. Only characters
 * that every file system and header takes, whatever was searched for.
 */
export function fileName({ shopId, list, filters, timeZone, format }: FileNameParts): string {
  const narrowed = filters.map(([name, value]) => `${plain(name)}-${plain(value)}`).join('_');
  const told = narrowed.length > longestFilter ? `${narrowed.slice(0, longestFilter)}~` : narrowed;
  const zone = /^[+-]/.test(timeZone) ? `UTC${timeZone}` : timeZone;
  return [...(shopId === null ? [] : [shopId]), list, ...(told === '' ? [] : [told]), plain(zone)]
    .join('_')
    .concat('.', format);
}

function plain(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9.+-]+/g, '-').replaceAll(/^-+(?=\D|$)|-+$/g, '');
}
