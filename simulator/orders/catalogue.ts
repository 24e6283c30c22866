import { fraction, hash } from '../random.ts';
import { type Region, regionalPrice } from '../regions.ts';

/** One SKU of a catalogue; its number is its place in the shop's list of SKUs. */
export interface CatalogueSku {
  id: string;
  /** Number of its product. */
  product: number;
  name: string;
  sellerSku: string;
  /** In the shop's minor units. */
  price: number;
}

/** One product of a catalogue; its number is its place in the shop's list of products. */
export interface CatalogueProduct {
  id: string;
  title: string;
  /** `null` where the seller has set none. */
  brand: string | null;
  category: string;
  skus: number[];
}

/** What a shop sells, whether it has been sold or not. */
export interface Catalogue {
  products: CatalogueProduct[];
  skus: CatalogueSku[];
}

const adjectives = [
  'Salt',
  'Harbour',
  'Driftwood',
  'Lantern',
  'Pebble',
  'Northwind',
  'Coral',
  'Foghorn',
  'Anchor',
  'Gull',
];
const goods = [
  'Travel Mug',
  'Beach Towel',
  'Canvas Tote Bag',
  'Scented Candle',
  'Phone Stand',
  'Wool Beanie',
  'Notebook Set',
  'Rain Jacket',
  'Desk Lamp',
  'Water Bottle',
  'Yoga Mat',
  'Hair Clip Set',
  'Lip Balm Trio',
  'Wireless Charger',
  'Picnic Blanket',
  'Bath Salts',
];
const variants = ['Blue, M', 'Sand, L', 'Black, S', 'Coral, XL', 'White, One Size', 'Olive, 2-Pack'];
const foreignNames: Record<string, string> = {
  DE: 'Küstenware – ',
  JP: '海辺の',
  MX: 'Artículo ',
  ID: 'Pilihan ',
};

/** The catalogue of a generated shop: every third product has a second SKU, every fourth one has no brand set. */
export function generateCatalogue(
  seed: number,
  digits: string,
  region: Region,
  productCount: number,
): Catalogue {
  const skus: CatalogueSku[] = [];
  const products = Array.from({ length: productCount }, (_, nth) => {
    const adjective = adjectives[hash(seed, nth, 11) % adjectives.length] ?? '';
    const good = goods[hash(seed, nth, 12) % goods.length] ?? '';
    const number = String(nth).padStart(4, '0');
    const price = regionalPrice(region, 300 + Math.floor(fraction(seed, nth, 13) ** 2 * 9000));
    const own = Array.from({ length: nth % 3 === 0 ? 2 : 1 }, (_, variant) => {
      const name = variants[(hash(seed, nth, 14) + variant) % variants.length] ?? '';
      const suffix = variant === 0 ? '' : `-${variant + 1}`;
      const id = `17294${digits}${String(variant).padStart(4, '0')}${String(nth).padStart(8, '0')}`;
      return (
        skus.push({ id, product: nth, name, sellerSku: `SIM-${region.region}-${number}${suffix}`, price }) - 1
      );
    });
    return {
      id: `17293${digits}${String(nth).padStart(12, '0')}`,
      title: `${foreignNames[region.region] ?? ''}${adjective} & Tide ${good} (simulated no. ${nth + 1})`,
      brand: nth % 4 === 3 ? null : `${adjective} & Tide`,
      category: good,
      skus: own,
    };
  });
  return { products, skus };
}

/** Two catalogues as one: the numbers of the second begin after those of the first. */
export function joinCatalogues(first: Catalogue, second: Catalogue): Catalogue {
  const products = second.products.map((product) => ({
    ...product,
    skus: product.skus.map((sku) => sku + first.skus.length),
  }));
  const skus = second.skus.map((sku) => ({ ...sku, product: sku.product + first.products.length }));
  return { products: [...first.products, ...products], skus: [...first.skus, ...skus] };
}
