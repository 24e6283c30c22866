const invisible = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
const joiners = /[\u200c\u200d]/g;
const apostrophes = /[\u2018\u2019\u02bc\u2032\u00b4\u0060]/g;
const dashes = /[\u2010-\u2015\u2212]/g;
const marksOfTrade = /[\u2122\u00ae\u00a9\u2120]/g;
const dottedI = /i\u0307/g;

/** A text as it is shown: without invisible characters, each run of white space one blank. */
export function tidyText(text: string): string {
  return oneBlank(text.normalize('NFC').replace(invisible, '')).trim();
}

/**
 * A text as names are compared: in any case, width and composition, whichever dashes and apostrophes were typed, and
 * without signs of trade marks, which compatibility forms would make letters of. White space at its ends stays.
 */
export function foldText(text: string): string {
  const plain = text.replace(marksOfTrade, '').replace(apostrophes, "'").replace(dashes, '-');
  // Upper case first: it is the way to "ss" from "ß", and to one sigma from two.
  const folded = plain.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
  return oneBlank(
    folded.replace(invisible, '').replace(joiners, '').replace(dottedI, 'i').replaceAll('ς', 'σ'),
  );
}

function oneBlank(text: string): string {
  return text.replace(/\s+/gu, ' ');
}
