import postgres, { type Sql } from 'postgres';
import { TidelineError } from '../src/errors.ts';
import { readNdjson } from './checker/ndjson.ts';
import { exact } from './checker/totals.ts';

/** What one side says of a product or a SKU, by the name of the field. */
type Facts = Readonly<Record<string, string | null>>;

export interface ProductDifference {
  /** `product` or `sku`, and its id. */
  of: string;
  /** `row` where one side has none. */
  field: string;
  upstream: string | null;
  stored: string | null;
}

export interface ProductComparison {
  /** Nothing lost, nothing doubled, every title, status, brand, category, price and stock the same. */
  equal: boolean;
  tiktokShopId: string;
  products: { upstream: number; stored: number };
  skus: { upstream: number; stored: number };
  differences: ProductDifference[];
}

export interface CompareProductsOptions {
  databaseUrl: string;
  controlUrl: string;
  tiktokShopId: string;
}

/**
 * Compares the stored products of a shop and their SKUs with the simulator's.
 *
 * @throws TidelineError when the shop is not in the database or the simulator does not answer
 */
export async function compareProducts(options: CompareProductsOptions): Promise<ProductComparison> {
  const { databaseUrl, controlUrl, tiktokShopId } = options;
  const sql = postgres(databaseUrl, {
    max: 1,
    onnotice: () => undefined,
    connection: { application_name: 'tideline-checker', search_path: 'tideline' },
  });
  try {
    const stored = await readStored(sql, tiktokShopId);
    const upstream = await readUpstream(controlUrl, tiktokShopId);
    const differences = differencesOf(upstream, stored);
    const count = (kind: string) => ({ upstream: countOf(upstream, kind), stored: countOf(stored, kind) });
    return {
      ...{ equal: differences.length === 0, tiktokShopId },
      ...{ products: count('product'), skus: count('sku'), differences },
    };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** The comparison in a few lines for people. */
export function formatProducts({ equal, tiktokShopId, products, differences }: ProductComparison): string {
  if (equal) return `Equal: ${products.stored} products of shop ${tiktokShopId}.`;
  return [
    `NOT equal: products of shop ${tiktokShopId}, ${products.upstream} upstream, ${products.stored} stored`,
    ...differences
      .slice(0, 10)
      .map(({ of, field, upstream, stored }) => `  ${of} ${field}: upstream ${upstream}, stored ${stored}`),
    ...(differences.length > 10 ? [`  and ${differences.length - 10} more`] : []),
  ].join('\n');
}

async function readUpstream(controlUrl: string, tiktokShopId: string): Promise<Map<string, Facts>> {
  const found = new Map<string, Facts>();
  const url = `${controlUrl}/shops/${encodeURIComponent(tiktokShopId)}/products`;
  for await (const { id, skus, ...facts } of readNdjson(url, `the products of shop ${tiktokShopId}`)) {
    found.set(`product ${id}`, asTexts(facts));
    for (const { id: skuId, price, ...more } of skus as Record<string, unknown>[])
      found.set(
        `sku ${skuId}`,
        asTexts({ product: id, ...more, currency: facts.currency, price: exact(String(price)) }),
      );
  }
  return found;
}

async function readStored(sql: Sql, tiktokShopId: string): Promise<Map<string, Facts>> {
  const [shop] = await sql<{ id: string }[]>`
    select shop_id as id from shops where tiktok_shop_id = ${tiktokShopId}`;
  if (shop === undefined) {
    throw new TidelineError({
      code: 'shop-not-stored',
      message: `No shop ${tiktokShopId} is in the database.`,
      actor: 'user',
      action: 'Connect the shop first.',
    });
  }
  const found = new Map<string, Facts>();
  const products = sql`
    select product_id as id, title, status, brand_name as brand, category_name as category, currency, stock::text,
      floor(extract(epoch from created_at))::bigint::text as create_time,
      floor(extract(epoch from updated_at))::bigint::text as update_time
    from products where shop_id = ${shop.id}`;
  for await (const batch of products.cursor(2_000))
    for (const { id, ...facts } of batch) found.set(`product ${id}`, asTexts(facts));
  const skus = sql`
    select sku_id as id, product_id as product, name, seller_sku, currency, price::text, stock::text
    from product_skus where shop_id = ${shop.id}`;
  for await (const batch of skus.cursor(2_000))
    for (const { id, price, ...facts } of batch)
      found.set(`sku ${id}`, asTexts({ ...facts, price: exact(String(price)) }));
  return found;
}

function asTexts(facts: Record<string, unknown>): Facts {
  return Object.fromEntries(
    // A text that says nothing is stored as none.
    Object.entries(facts).map(([name, value]) => [
      name,
      value == null || value === '' ? null : String(value),
    ]),
  );
}

function countOf(side: ReadonlyMap<string, Facts>, kind: string): number {
  return [...side.keys()].filter((of) => of.startsWith(`${kind} `)).length;
}

function differencesOf(
  upstream: ReadonlyMap<string, Facts>,
  stored: ReadonlyMap<string, Facts>,
): ProductDifference[] {
  return [...new Set([...upstream.keys(), ...stored.keys()])].flatMap((of) => {
    const [left, right] = [upstream.get(of), stored.get(of)];
    if (left === undefined || right === undefined)
      return [
        {
          of,
          field: 'row',
          upstream: left === undefined ? null : 'there',
          stored: right === undefined ? null : 'there',
        },
      ];
    return Object.keys(left)
      .filter((field) => left[field] !== (right[field] ?? null))
      .map((field) => ({ of, field, upstream: left[field] ?? null, stored: right[field] ?? null }));
  });
}
