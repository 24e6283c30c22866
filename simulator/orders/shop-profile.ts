import { hash } from '../random.ts';
import type { Region } from '../regions.ts';
import { type Catalogue, generateCatalogue } from './catalogue.ts';
import { productFragment } from './product-fragment.ts';

/** The recipient's part of an order's JSON in the three forms in which TikTok shows it. */
export interface RecipientText {
  buyer: string;
  masked: string;
  plain: string;
  /** Before shipping is arranged the districts are missing. */
  early: string;
}

/** What all orders of one shop share: products with prices, buyers' addresses, warehouses. */
export interface ShopProfile {
  seed: number;
  /** Two digits that all ids of the shop carry. */
  digits: string;
  region: Region;
  catalogue: Catalogue;
  /** What an order line shows of each SKU, by the SKU's number. */
  fragments: string[];
  recipients: RecipientText[];
  warehouses: string[];
  deliveryOptions: { id: string; name: string }[];
}

const firstNames = [
  'Ada',
  'Bruno',
  'Celia',
  'Dorian',
  'Edda',
  'Fritz',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kira',
  'Leopold',
  'Mira',
  'Nestor',
  'Olga',
  'Pius',
];
const lastNames = [
  'Testperson',
  'Placeholder',
  'Exampleson',
  'Mockingham',
  'Sampledottir',
  'Fictionby',
  'Inventado',
  'Nobodyson',
];

const defaultProductCount = 400;
const recipientCount = 256;

export function createShopProfile(
  seed: number,
  shopNumber: number,
  region: Region,
  productCount = defaultProductCount,
): ShopProfile {
  const digits = String(shopNumber % 100).padStart(2, '0');
  const catalogue = generateCatalogue(seed, digits, region, productCount);
  return {
    seed,
    digits,
    region,
    catalogue,
    fragments: catalogue.skus.map((sku) =>
      productFragment({
        productId: catalogue.products[sku.product]?.id ?? '',
        productName: catalogue.products[sku.product]?.title ?? '',
        skuId: sku.id,
        skuName: sku.name,
        sellerSku: sku.sellerSku,
      }),
    ),
    recipients: Array.from({ length: recipientCount }, (_, nth) => recipient(seed, nth, region)),
    warehouses: [`70000000000000${digits}001`, `70000000000000${digits}002`],
    deliveryOptions: [
      { id: `70910000000000${digits}01`, name: 'Standard shipping' },
      { id: `70910000000000${digits}02`, name: 'Express shipping' },
    ],
  };
}

function recipient(seed: number, nth: number, region: Region): RecipientText {
  const first = firstNames[nth % firstNames.length] ?? '';
  const last = lastNames[(nth >> 4) % lastNames.length] ?? '';
  const place = region.places[hash(seed, nth, 21) % region.places.length] ?? {
    city: '',
    state: '',
    postalCode: '',
  };
  const street = region.streets[hash(seed, nth, 22) % region.streets.length] ?? '';
  const house = String(1 + (hash(seed, nth, 23) % 998));
  const phone = `${region.phonePrefix}${String(nth % 100).padStart(2, '0')}`;
  const level = (level: string, name: string, value: string, iso: string): Record<string, string> => ({
    address_level: level,
    address_level_name: name,
    address_name: value,
    ...(iso === '' ? {} : { iso_code: iso }),
  });
  const districts = [
    level('L0', 'Country', region.region, region.region),
    level('L1', 'State', place.state, ''),
    level('L2', 'City', place.city, ''),
  ];
  const stars = (text: string): string => `${[...text][0] ?? ''}*****`;
  const text = (masked: boolean, withDistricts: boolean): string => {
    const line = masked ? `${stars(street)}` : `${house} ${street}`;
    const name = masked ? `${stars(first)} ${stars(last)}` : `${first} ${last}`;
    return JSON.stringify({
      full_address: `${region.region},${place.state},${place.city},${line}`,
      phone_number: masked ? `${region.phonePrefix.slice(0, 5)}*****${phone.slice(-2)}` : phone,
      name,
      first_name: masked ? stars(first) : first,
      last_name: masked ? stars(last) : last,
      ...(region.region === 'JP' ? { first_name_local_script: '', last_name_local_script: '' } : {}),
      address_detail: line,
      address_line1: line,
      address_line2: '',
      postal_code: masked ? '*****' : place.postalCode,
      region_code: region.region,
      ...(region.region === 'GB' ? { post_town: place.city } : {}),
      ...(withDistricts ? { district_info: districts } : {}),
      ...(masked ? {} : { delivery_preferences: { drop_off_location: 'Beside the invented door' } }),
    });
  };
  return {
    buyer: `"buyer_nickname":${JSON.stringify(`${first.toLowerCase()}.${last.toLowerCase()}`)}`,
    masked: text(true, true),
    plain: text(false, true),
    early: text(true, false),
  };
}
