import type { RandomSequence } from '../../simulator/random.ts';

/** What means something to one of the formats that texts go through, beside what means nothing to any. */
const pieces = [
  ...['"', '""', '\\', '\\\\', ',', ';', '(', ')', '()', '{', '}', "'", '/'],
  ...[' ', '\t', '\r', '\n', '\r\n', '\u0001', '\u001f', '\u007f', '\u00a0', '\u200b', '\u2028', '\ufeff'],
  ...['=', '+', '-', '@', '\uff1d', '\uff0d', '=1+1', ';=', '; -', '\t@'],
  ...['NULL', 'null', '\\N', '0', '-24.90', 'SIM-US-0074', 'Tee', 'grün', '日本', '🍵'],
];

/** A text of up to eight pieces, of which most tools take one for something else than text. */
export function hostileText(random: RandomSequence): string {
  return Array.from({ length: random.below(9) }, () => pieces[random.below(pieces.length)]).join('');
}
