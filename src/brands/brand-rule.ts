/** How a brand is found in the name of a product. The first rule of a shop that finds one decides. */
export type BrandRule = ListRule | PrefixRule | RegularExpressionRule;

/** Brands that are looked for as whole words, in any case: the first in the name, and of those that begin there the longest. */
export interface ListRule {
  kind: 'list';
  brands: string[];
}

/** What names begin with, in any case; or, with a separator, whatever stands before its first place in the name. */
export interface PrefixRule {
  kind: 'prefix';
  prefix?: string | undefined;
  separator?: string | undefined;
  /** What the brand is called; the prefix itself when left out. */
  brand?: string | undefined;
}

/** RE2 syntax, read as written: `(?i)` takes any case. */
export interface RegularExpressionRule {
  kind: 'regular_expression';
  expression: string;
  /** What the brand is called; else the group named `brand`, the first group that took part, or all that was matched. */
  brand?: string | undefined;
}

/** What bounds the work that rules make; beyond it they are refused. */
export const limits = {
  rules: 50,
  brandsOfList: 2_000,
  brands: 5_000,
  brandLength: 100,
  expressions: 10,
  expressionLength: 500,
  /** Instructions of a compiled expression: each may be tried at each character of a name. */
  expressionSize: 300,
} as const;
