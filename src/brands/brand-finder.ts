import { setImmediate as othersTurn } from 'node:timers/promises';
import { cleanText } from '../db/column-arrays.ts';
import { TidelineError } from '../errors.ts';
import { type BrandRule, limits, type PrefixRule, type RegularExpressionRule } from './brand-rule.ts';
import { foldText, tidyText } from './compare-text.ts';
import { compileExpression, findIn } from './expression.ts';
import { NameIndex } from './name-index.ts';

export interface FoundBrand {
  brand: string;
  /** Place of the rule that found it, from 0. */
  rule: number;
}

interface ProductName {
  tidy: string;
  folded: string;
}

type Finder = (name: ProductName) => string | null;

/** Longer names are looked into this far. */
const nameLength = 500;
/** For how long others may have to wait. */
const stretchMs = 20;

/** Finds brands in the names of products by the rules of a shop. */
export class BrandFinder {
  readonly #finders: readonly Finder[];

  /** @param rules valid ones */
  constructor(rules: readonly BrandRule[]) {
    this.#finders = rules.map(finderOf);
  }

  /** The brand that the first fitting rule finds in a name; null where none fits. */
  find(title: string | null): FoundBrand | null {
    if (title === null || this.#finders.length === 0) return null;
    const tidy = tidyText(cleanText(title.slice(0, nameLength)));
    const name = { tidy, folded: foldText(tidy) };
    for (const [rule, find] of this.#finders.entries()) {
      const brand = find(name);
      if (brand !== null) return { brand, rule };
    }
    return null;
  }

  /**
   * {@link find} for many names, in their order, which lets others have their turn meanwhile.
   *
   * @param patience how long it may take; unbounded when left out
   * @throws TidelineError 400 when the rules take longer
   */
  async findAll(
    titles: readonly (string | null)[],
    patience: Patience = new Patience(Number.POSITIVE_INFINITY),
  ): Promise<(FoundBrand | null)[]> {
    const found: (FoundBrand | null)[] = [];
    let begun = performance.now();
    for (const title of titles) {
      found.push(this.find(title));
      const spent = performance.now() - begun;
      if (spent < stretchMs) continue;
      patience.spend(spent);
      await othersTurn();
      begun = performance.now();
    }
    patience.spend(performance.now() - begun);
    return found;
  }
}

/** How long finding brands may still take, over several calls. */
export class Patience {
  #leftMs: number;

  constructor(milliseconds: number) {
    this.#leftMs = milliseconds;
  }

  spend(milliseconds: number): void {
    this.#leftMs -= milliseconds;
    if (this.#leftMs >= 0) return;
    throw new TidelineError({
      code: 'brand-rules-too-slow',
      message: 'Looking into all product names by these rules takes too long; nothing was changed.',
      actor: 'user',
      action: 'Use fewer or simpler regular expressions: lists and prefixes take next to no time.',
    });
  }
}

function finderOf(rule: BrandRule): Finder {
  if (rule.kind === 'list') {
    const names = new NameIndex(rule.brands);
    return ({ folded }) => names.find(folded);
  }
  return rule.kind === 'prefix' ? byPrefix(rule) : byExpression(rule);
}

function byPrefix({ prefix, separator, brand }: PrefixRule): Finder {
  if (prefix !== undefined) {
    const start = foldText(prefix).trimStart();
    return ({ folded }) => (folded.startsWith(start) ? (brand ?? tidyText(prefix)) : null);
  }
  const between = (separator ?? '').replace(/\s+/gu, ' ');
  return ({ tidy }) => {
    const end = tidy.indexOf(between);
    return end === -1 ? null : asBrand(tidy.slice(0, end));
  };
}

function byExpression({ expression: text, brand }: RegularExpressionRule): Finder {
  const expression = compileExpression(text);
  return ({ tidy }) => {
    const found = findIn(expression, tidy);
    return found === null ? null : (brand ?? asBrand(found));
  };
}

/** What was cut out of a name as a brand; null where it is none: empty, or far too long. */
function asBrand(text: string): string | null {
  const brand = tidyText(text);
  return brand === '' || brand.length > limits.brandLength ? null : brand;
}
