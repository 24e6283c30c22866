import { type Output, say } from './context.ts';

/** Control characters would let a shop's name repaint the terminal. */
export function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, '�');
}

export function printJson(output: Output, value: unknown): void {
  say(output, JSON.stringify(value, null, 2));
}

/** Aligned columns under their titles; columns whose title begins with `>` are aligned to the right. */
export function renderTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = titles.map((title) => title.startsWith('>'));
  const cells = [titles.map((title) => title.replace(/^>/, '')), ...rows.map((row) => row.map(clean))];
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? '')].length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => {
          const fill = ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length));
          return right[column] === true ? fill + cell : cell + fill;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** 1234567 → 1,234,567. */
export function formatNumber(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** An exact decimal string with separators: "4596039.58" → "4,596,039.58". */
export function formatAmount(amount: string): string {
  const [, sign = '', whole = '0', rest = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(amount) ?? [];
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${rest}`;
}

/** 842 ms, 12.4 s, 3 min 07 s, 2 h 05 min. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

export function formatTime(time: string | null): string {
  return time === null ? 'never' : time.replace(/\.\d+Z$/, 'Z');
}
