import type { Sql } from '../db/pool.ts';
import {
  eachNamedProduct,
  readBrandRules,
  replaceBrandRules,
  writeBrandsByRule,
} from '../db/queries/brand-rules.ts';
import type { ShopScope } from '../db/queries/shop-scope.ts';
import { BrandFinder, type FoundBrand, Patience } from './brand-finder.ts';
import type { BrandRule } from './brand-rule.ts';

/** For all products of a shop: a hundred thousand with lists and usual expressions take a few seconds. */
const longestMs = 30_000;
const mostBrands = 100;
const mostExamples = 20;

export interface ChangedBrandRules {
  rules: BrandRule[];
  /** Products whose brand is another one now. */
  changed: number;
}

/** What rules would do to the products of a shop. */
export interface BrandRulePreview {
  products: number;
  named_by_tiktok: number;
  named_by_rules: number;
  unnamed: number;
  /** Products that would have another brand than now. */
  changed: number;
  /** How many products each rule names, in the order of the rules. */
  rules: { kind: BrandRule['kind']; products: number }[];
  /** The brands that rules name most, with the number of their products. */
  brands: { brand: string; products: number }[];
  /** Some of the products that would change. */
  examples: {
    product_id: string;
    title: string | null;
    before: string | null;
    after: string | null;
    rule: number | null;
  }[];
}

/**
 * Puts rules in the place of a shop's, and the brands of all its products in step with them, in one transaction. Names
 * are looked into before it begins, so that a sync that stores products meanwhile waits for the writing alone.
 *
 * @param rules valid ones
 * @param patienceMs how long looking into names may take
 * @throws TidelineError 400 when the rules take too long
 */
export async function changeBrandRules(
  scope: ShopScope,
  sql: Sql,
  rules: readonly BrandRule[],
  patienceMs: number = longestMs,
): Promise<ChangedBrandRules> {
  const names = new KnownNames(rules, patienceMs);
  for await (const products of eachNamedProduct(scope, sql)) await names.learn(products);
  return sql.begin(async (tx) => {
    await replaceBrandRules(scope, tx, rules);
    let changed = 0;
    for await (const products of eachNamedProduct(scope, tx)) {
      await names.learn(products);
      const others = products.flatMap(({ product_id: productId, title, brand_name, brand_by_rule }) => {
        const brand = names.find(title)?.brand ?? null;
        return brand === brand_by_rule ? [] : [{ productId, brand, isShown: brand_name === null }];
      });
      await writeBrandsByRule(scope, tx, others);
      changed += others.filter(({ isShown }) => isShown).length;
    }
    return { rules: await readBrandRules(scope, tx), changed };
  });
}

/**
 * What rules would do; nothing is changed.
 *
 * @param rules valid ones
 * @throws TidelineError 400 when the rules take too long
 */
export async function previewBrandRules(
  scope: ShopScope,
  sql: Sql,
  rules: readonly BrandRule[],
): Promise<BrandRulePreview> {
  const names = new KnownNames(rules, longestMs);
  const preview: BrandRulePreview = {
    ...{ products: 0, named_by_tiktok: 0, named_by_rules: 0, unnamed: 0, changed: 0 },
    ...{ rules: rules.map(({ kind }) => ({ kind, products: 0 })), brands: [], examples: [] },
  };
  const counts = new Map<string, number>();
  await sql.begin('isolation level repeatable read read only', async (tx) => {
    for await (const products of eachNamedProduct(scope, tx)) {
      await names.learn(products);
      for (const { product_id, title, brand_name, brand_by_rule } of products) {
        preview.products += 1;
        if (brand_name !== null) {
          preview.named_by_tiktok += 1;
          continue;
        }
        const found = names.find(title);
        const named = found === null ? undefined : preview.rules[found.rule];
        if (found === null || named === undefined) preview.unnamed += 1;
        else {
          preview.named_by_rules += 1;
          named.products += 1;
          counts.set(found.brand, (counts.get(found.brand) ?? 0) + 1);
        }
        const after = found?.brand ?? null;
        if (after === brand_by_rule) continue;
        preview.changed += 1;
        if (preview.examples.length === mostExamples) continue;
        preview.examples.push({ product_id, title, before: brand_by_rule, after, rule: found?.rule ?? null });
      }
    }
  });
  preview.brands = [...counts]
    .map(([brand, products]) => ({ brand, products }))
    .sort((one, other) => other.products - one.products || (one.brand < other.brand ? -1 : 1))
    .slice(0, mostBrands);
  return preview;
}

/** What rules find in names, each name looked into once. */
class KnownNames {
  readonly #finder: BrandFinder;
  readonly #patience: Patience;
  readonly #found = new Map<string, FoundBrand | null>();

  constructor(rules: readonly BrandRule[], patienceMs: number) {
    this.#finder = new BrandFinder(rules);
    this.#patience = new Patience(patienceMs);
  }

  async learn(products: readonly { title: string | null }[]): Promise<void> {
    const unknown = [...new Set(products.map(({ title }) => title ?? ''))].filter(
      (title) => !this.#found.has(title),
    );
    const found = await this.#finder.findAll(unknown, this.#patience);
    for (const [index, title] of unknown.entries()) this.#found.set(title, found[index] ?? null);
  }

  find(title: string | null): FoundBrand | null {
    return this.#found.get(title ?? '') ?? null;
  }
}
