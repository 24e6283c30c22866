import { z } from '@hono/zod-openapi';
import { type BrandRule, limits } from '../../brands/brand-rule.ts';
import { foldText } from '../../brands/compare-text.ts';
import { faultOfExpression } from '../../brands/expression.ts';

const text = (most: number) =>
  z
    .string()
    .min(1, 'must not be empty.')
    // What is too long is not looked into any more.
    .max(most, { error: `must have at most ${most} characters.`, abort: true })
    .refine((given) => !/\p{Cc}/u.test(given), 'must be one line, without control characters.');

const brandName = text(limits.brandLength).refine(
  (name) => foldText(name).trim() !== '',
  'must hold more than white space and signs of trade marks.',
);

const brand = brandName.optional().openapi({ description: 'What the brand is called' });

const listRule = z
  .strictObject({
    kind: z.literal('list'),
    brands: z
      .array(brandName)
      .min(1, 'must name at least one brand.')
      .max(limits.brandsOfList, 'must name at most 2,000 brands; make it several rules.')
      .openapi({
        description:
          'Looked for as whole words, in any case; the first in the name, and of those that begin there the longest.',
      }),
  })
  .openapi('BrandListRule');

const prefixRule = z
  .strictObject({
    kind: z.literal('prefix'),
    prefix: brandName.optional().openapi({ description: 'What names begin with, in any case' }),
    separator: text(20).optional().openapi({
      description: 'In place of `prefix`: what stands before its first place is the brand',
      example: ' - ',
    }),
    brand,
  })
  .openapi('BrandPrefixRule');

const expressionRule = z
  .strictObject({
    kind: z.literal('regular_expression'),
    expression: text(limits.expressionLength).openapi({
      description:
        'In RE2 syntax. The brand is the group named `brand`, else the first group that took part, else the whole match.',
      example: '(?i)^by (?P<brand>\\pL+)',
    }),
    brand,
  })
  .openapi('BrandExpressionRule');

export const rule = z.discriminatedUnion('kind', [listRule, prefixRule, expressionRule], {
  error: 'must be a rule with the kind list, prefix or regular_expression.',
});

/** A shop's brand rules in a request. */
export const brandRulesToSet = z
  .strictObject({
    rules: z.array(rule).max(limits.rules, `must be at most ${limits.rules} rules.`).openapi({
      description: 'In their order: the first that finds a brand decides. None: only TikTok names brands.',
    }),
  })
  .superRefine(({ rules }, context) => {
    for (const { path, message } of faultsOf(rules)) context.addIssue({ code: 'custom', path, message });
  });

export const alsoRefusedRules =
  'a rule or a brand of a list that is there twice, a prefix rule without or with both of `prefix` and `separator`, an expression that is none or too large, more than 5,000 brands or 10 expressions, and rules that take too long over all names';

interface Fault {
  path: (string | number)[];
  message: string;
}

/** What is wrong with rules that are each of the right form. */
function faultsOf(rules: readonly BrandRule[]): Fault[] {
  const expressions = rules.filter(({ kind }) => kind === 'regular_expression');
  if (expressions.length > limits.expressions) {
    return [{ path: ['rules'], message: `must hold at most ${limits.expressions} regular expressions.` }];
  }
  const faults = rules.flatMap((one, index) =>
    faultsOfRule(one).map(({ path, message }) => ({ path: ['rules', index, ...path], message })),
  );
  const repeated = firstRepeat(rules.map((one) => JSON.stringify(one)));
  if (repeated !== null) {
    const message = `is the same as rule ${repeated.first} (counted from 0).`;
    faults.push({ path: ['rules', repeated.again], message });
  }
  const brands = rules.reduce((sum, one) => sum + (one.kind === 'list' ? one.brands.length : 0), 0);
  if (brands > limits.brands) {
    faults.push({ path: ['rules'], message: 'must name at most 5,000 brands in all lists together.' });
  }
  return faults;
}

function faultsOfRule(one: BrandRule): Fault[] {
  if (one.kind === 'list') {
    const repeated = firstRepeat(one.brands.map((name) => foldText(name).trim()));
    if (repeated === null) return [];
    const message = `is the same brand as the one at ${repeated.first} (counted from 0, in any case).`;
    return [{ path: ['brands', repeated.again], message }];
  }
  if (one.kind === 'regular_expression') {
    const message = faultOfExpression(one.expression);
    return message === null ? [] : [{ path: ['expression'], message }];
  }
  if ((one.prefix === undefined) === (one.separator === undefined)) {
    return [{ path: ['prefix'], message: 'or "separator" must be given, one of the two.' }];
  }
  if (one.separator !== undefined && one.brand !== undefined) {
    return [{ path: ['brand'], message: 'cannot be given with a separator: the name tells it.' }];
  }
  return [];
}

function firstRepeat(texts: readonly string[]): { first: number; again: number } | null {
  const seen = new Map<string, number>();
  for (const [again, one] of texts.entries()) {
    const first = seen.get(one);
    if (first !== undefined) return { first, again };
    seen.set(one, again);
  }
  return null;
}

const rules = z.array(rule);

export const brandRules = z.strictObject({ rules }).openapi('BrandRules');

export const changedBrandRules = z
  .strictObject({
    rules,
    changed: z.int().openapi({ description: 'Products whose brand is another one now' }),
  })
  .openapi('ChangedBrandRules');

export const brandRulePreview = z
  .strictObject({
    products: z.int().openapi({ description: 'All products of the shop' }),
    named_by_tiktok: z.int().openapi({ description: 'Rules do not touch these' }),
    named_by_rules: z.int(),
    unnamed: z.int(),
    changed: z.int().openapi({ description: 'Products that would have another brand than now' }),
    rules: z
      .array(z.strictObject({ kind: z.enum(['list', 'prefix', 'regular_expression']), products: z.int() }))
      .openapi({ description: 'How many products each rule names, in the order of the rules' }),
    brands: z
      .array(z.strictObject({ brand: z.string(), products: z.int() }))
      .openapi({ description: 'The hundred brands that the rules name most' }),
    examples: z
      .array(
        z.strictObject({
          product_id: z.string(),
          title: z.string().nullable(),
          before: z.string().nullable(),
          after: z.string().nullable(),
          rule: z.int().nullable().openapi({ description: 'Which rule finds it, from 0' }),
        }),
      )
      .openapi({ description: 'Up to 20 products that would change' }),
  })
  .openapi('BrandRulePreview');
