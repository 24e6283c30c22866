import { describe, expect, it } from 'vitest';
import { BrandFinder, Patience } from './brand-finder.ts';
import type { BrandRule } from './brand-rule.ts';

const find = (rules: BrandRule[], title: string | null) => new BrandFinder(rules).find(title)?.brand ?? null;
const list = (...brands: string[]): BrandRule[] => [{ kind: 'list', brands }];
const expression = (text: string, brand?: string): BrandRule[] => [
  { kind: 'regular_expression', expression: text, brand },
];

describe('a list', () => {
  it.each([
    ['Kiln', 'Stoneware mug by KILN, 350 ml', 'Kiln'],
    ['Kiln', 'kiln', 'Kiln'],
    ['Kiln', 'Kilnworks mug', null],
    ['Kiln', 'Limekiln mug', null],
    ['Kiln', 'Kiln2 mug', null],
    ['Kiln', 'mug (Kiln)', 'Kiln'],
    ['Kiln', '"Kiln"-mug', 'Kiln'],
    ['Kiln', 'Kiln™ mug', 'Kiln'],
    ['KILN®', 'a kiln mug', 'KILN®'],
    ['H&M', 'Shirt H&M black', 'H&M'],
    ['H&M', 'Shirt H M black', null],
    ['C&A', 'Vitamin C a day', null],
    ['Harbour Tea', 'Harbour   Tea\u00a0Earl Grey', 'Harbour Tea'],
    ['Harbour Tea', 'Harbour-Tea Earl Grey', null],
    ["Levi's", 'Jeans Levi’s 501', "Levi's"],
    ['Coca-Cola', 'Coca‑Cola 0.5 l', 'Coca-Cola'],
    ['100%', 'Juice 100% orange', '100%'],
    ['a.b', 'a+b axb', null],
    ['Ökö', 'ÖKÖ Seife', 'Ökö'],
    ['Ökö', 'O\u0308ko\u0308 Seife', 'Ökö'],
    ['Oko', 'Ökö Seife', null],
    ['Straße', 'T-Shirt STRASSE', 'Straße'],
    ['İstanbul', 'istanbul halı', 'İstanbul'],
    ['ΟΔΟΣ', 'ρολόι οδος', 'ΟΔΟΣ'],
    ['Мишка', 'Кружка МИШКА', 'Мишка'],
    ['Мишка', 'Кружка Мишкарт', null],
    ['小米', '全新小米手机', '小米'],
    ['Anker', 'Anker充電器', 'Anker'],
    ['ソニー', '新品ソニーのカメラ', 'ソニー'],
    ['Sony', 'Ｓｏｎｙ カメラ', 'Sony'],
    ['นารายา', 'กระเป๋านารายาแท้', 'นารายา'],
    ['कोला', 'कोलाम', null],
    ['نايك', 'حذاء نايك أسود', 'نايك'],
    ['Kiln', 'Ki\u00adln m\u200bug', 'Kiln'],
    ['🦊Fox', 'mug 🦊fox red', '🦊Fox'],
  ])('of %j looks into %j', (brand, title, found) => {
    expect(find(list(brand), title)).toBe(found);
  });

  it('takes the first brand of the name, and of those that begin there the longest', () => {
    const rules = list('Tea', 'Harbour', 'Harbour Tea', 'Harbour Tea House');
    expect(find(rules, 'Harbour Tea Earl Grey')).toBe('Harbour Tea');
    expect(find(rules, 'Harbour Teahouse')).toBe('Harbour');
    expect(find(rules, 'Harbour Tea Houses')).toBe('Harbour Tea');
    expect(find(rules, 'HARBOUR TEA HOUSE blend')).toBe('Harbour Tea House');
    expect(find(rules, 'Tea from Harbour')).toBe('Tea');
    expect(find(rules, 'Mug')).toBeNull();
  });

  it('finds each of thousands of names', () => {
    const names = Array.from({ length: 2000 }, (_, nth) => `Brand ${nth}`);
    const finder = new BrandFinder(list(...names));
    for (const name of names) expect(finder.find(`Mug of ${name.toUpperCase()}, blue`)?.brand).toBe(name);
    expect(finder.find('Brand 20000')).toBeNull();
  });
});

describe('a prefix', () => {
  it.each([
    [{ prefix: 'Kiln' }, 'KILN mug', 'Kiln'],
    [{ prefix: 'Kiln' }, 'Kilnworks mug', 'Kiln'],
    [{ prefix: 'Kiln ' }, 'Kilnworks mug', null],
    [{ prefix: 'Kiln ' }, '  kiln  mug', 'Kiln'],
    [{ prefix: 'HT-', brand: 'Harbour Tea' }, 'ht–Earl Grey', 'Harbour Tea'],
    [{ prefix: 'HT-', brand: 'Harbour Tea' }, 'A HT-Earl Grey', null],
    [{ prefix: '海辺' }, '海辺のマグ', '海辺'],
    [{ separator: ' - ' }, 'Harbour  Tea - Earl Grey - 250 g', 'Harbour Tea'],
    [{ separator: ' - ' }, 'Earl-Grey', null],
    [{ separator: '|' }, '| nothing before', null],
    [{ separator: ' ' }, 'Kiln mug', 'Kiln'],
    [{ separator: '–' }, `${'long '.repeat(30)}– mug`, null],
  ])('%j looks into %j', (rule, title, found) => {
    expect(find([{ kind: 'prefix', ...rule }], title)).toBe(found);
  });
});

describe('a regular expression', () => {
  it.each([
    ['^\\w+ Tea', 'Harbour Tea Earl Grey', 'Harbour Tea'],
    ['(?i)kiln', 'A KILN mug', 'KILN'],
    ['kiln', 'A KILN mug', null],
    ['by (\\pL+)', 'Mug by Ökö, blue', 'Ökö'],
    ['(?:by|from) (?P<brand>\\pL+) in (\\pL+)', 'Mug from Kiln in Ulm', 'Kiln'],
    ['^(?:A(\\d+)|B(\\d+))', 'B42 mug', '42'],
    ['(?P<brand>x)?mug', 'mug', null],
    ['x*', 'mug', null],
    ['^.{101,}$', 'm'.repeat(150), null],
    ['\\p{Han}+', 'Mug 小米 blue', '小米'],
  ])('%j looks into %j', (text, title, found) => {
    expect(find(expression(text), title)).toBe(found);
  });

  it('may give the brand a name of its own', () => {
    expect(find(expression('^SIM-\\d', 'Tide'), 'SIM-7 mug')).toBe('Tide');
    expect(find(expression('^SIM-\\d', 'Tide'), 'mug')).toBeNull();
  });

  it.each(['^(a+)+$', '^(a|aa)+$', '(a*)*b', '(.*)(.*)(.*)(.*)(.*)x', '([a-z]+)*\\d', '(a?){50}a{50}b'])(
    '%s takes no more steps than the name is long, times its own size',
    (text) => {
      // By backtracking each of these would outlast the test.
      const finder = new BrandFinder(expression(text));
      for (let turn = 0; turn < 200; turn++) expect(finder.find(`${'a'.repeat(499)}!`)).toBeNull();
    },
  );
});

describe('rules together', () => {
  const rules: BrandRule[] = [
    { kind: 'list', brands: ['Kiln'] },
    { kind: 'regular_expression', expression: '(x*)' },
    { kind: 'prefix', separator: ' - ' },
  ];

  it('go by the first that finds a brand', () => {
    const finder = new BrandFinder(rules);
    expect(finder.find('Harbour - kiln')).toEqual({ brand: 'Kiln', rule: 0 });
    expect(finder.find('Harbour - mug')).toEqual({ brand: 'Harbour', rule: 2 });
    expect(finder.find('mug')).toBeNull();
    expect(finder.find('')).toBeNull();
    expect(finder.find(null)).toBeNull();
    expect(find([], 'Kiln')).toBeNull();
  });

  it('find the same in many names, one after the other', async () => {
    const finder = new BrandFinder(rules);
    const titles = ['Kiln', null, 'Harbour - mug', 'mug', 'half \ud83e a pair - x', 'N\0L - x'];
    expect(await finder.findAll(titles)).toEqual(titles.map((title) => finder.find(title)));
    expect(finder.find('half \ud83e a pair - x')?.brand).toBe('half \ufffd a pair');
  });

  it('are given up where they outlast the patience', async () => {
    const titles = Array<string>(200).fill('Harbour - mug');
    await expect(new BrandFinder(rules).findAll(titles, new Patience(0))).rejects.toMatchObject({
      code: 'brand-rules-too-slow',
      actor: 'user',
      status: 400,
    });
  });
});
