/** What differs from market to market; every name, street and number here is invented. */
export interface Region {
  region: string;
  currency: string;
  decimals: 0 | 2;
  /** Access tokens of the US begin with TTP, others with ROW (facts, section 1). */
  tokenPrefix: 'TTP' | 'ROW';
  /** Sales tax on top of the price in basis points; 0 where prices include it. */
  taxBasisPoints: number;
  /** From US cents to this currency's minor units. */
  priceScale: number;
  /** Prices are multiples of this many minor units. */
  priceStep: number;
  /** Fixed offset of the shop's calendar (facts, section 10). */
  offsetHours: number;
  phonePrefix: string;
  providers: { id: string; name: string; prefix: string }[];
  payments: string[];
  places: { city: string; state: string; postalCode: string }[];
  streets: string[];
}

const regions: Region[] = [
  {
    region: 'US',
    currency: 'USD',
    decimals: 2,
    tokenPrefix: 'TTP',
    taxBasisPoints: 725,
    priceScale: 1,
    priceStep: 1,
    offsetHours: -8,
    phonePrefix: '(+1)555-01',
    providers: [
      { id: '7117858858072016686', name: 'USPS', prefix: '92' },
      { id: '7117859084333745966', name: 'UPS', prefix: '1Z' },
      { id: '7129720299146184490', name: 'FedEx', prefix: '77' },
    ],
    payments: ['Credit/debit card', 'PayPal', 'Apple Pay'],
    places: [
      { city: 'Port Example', state: 'California', postalCode: '90000' },
      { city: 'Sampleton', state: 'Texas', postalCode: '75000' },
      { city: 'Mockville', state: 'Ohio', postalCode: '43000' },
      { city: 'Placeholder Springs', state: 'Oregon', postalCode: '97000' },
    ],
    streets: ['Invented Avenue', 'Fictional Street', 'Made-Up Lane', 'Nowhere Drive'],
  },
  {
    region: 'GB',
    currency: 'GBP',
    decimals: 2,
    tokenPrefix: 'ROW',
    taxBasisPoints: 0,
    priceScale: 0.8,
    priceStep: 1,
    offsetHours: 0,
    phonePrefix: '(+44)7700 900',
    providers: [
      { id: '6617675021119438849', name: 'Royal Mail', prefix: 'RM' },
      { id: '6617675021119438850', name: 'Evri', prefix: 'H0' },
    ],
    payments: ['Credit/debit card', 'PayPal', 'Klarna'],
    places: [
      { city: 'Exampleford', state: 'Greater Sample', postalCode: 'ZZ1 1ZZ' },
      { city: 'Mockchester', state: 'Placeholdershire', postalCode: 'ZZ2 2ZZ' },
    ],
    streets: ['Invented Road', 'Fictional Close', 'Made-Up Mews'],
  },
  {
    region: 'DE',
    currency: 'EUR',
    decimals: 2,
    tokenPrefix: 'ROW',
    taxBasisPoints: 0,
    priceScale: 0.9,
    priceStep: 1,
    offsetHours: 1,
    phonePrefix: '(+49)30 23125 ',
    providers: [{ id: '7360990148146431776', name: 'DHL', prefix: 'JJD' }],
    payments: ['Credit/debit card', 'PayPal', 'Klarna'],
    places: [
      { city: 'Musterstädt', state: 'Beispielland', postalCode: '00001' },
      { city: 'Erfundenburg', state: 'Platzhalter-Süd', postalCode: '00002' },
    ],
    streets: ['Musterstraße', 'Erfundener Weg', 'Beispielgasse'],
  },
  {
    region: 'JP',
    currency: 'JPY',
    decimals: 0,
    tokenPrefix: 'ROW',
    taxBasisPoints: 0,
    priceScale: 1.5,
    priceStep: 10,
    offsetHours: 9,
    phonePrefix: '(+81)00-0000-',
    providers: [{ id: '7390000000000000001', name: 'ヤマト運輸', prefix: '40' }],
    payments: ['Credit/debit card', 'PayPay', 'コンビニ払い'],
    places: [
      { city: '見本市', state: '架空県', postalCode: '000-0001' },
      { city: '例示町', state: '仮名県', postalCode: '000-0002' },
    ],
    streets: ['架空通り', '見本坂'],
  },
  {
    region: 'ID',
    currency: 'IDR',
    decimals: 0,
    tokenPrefix: 'ROW',
    taxBasisPoints: 0,
    priceScale: 150,
    priceStep: 500,
    offsetHours: 7,
    phonePrefix: '(+62)800-000-',
    providers: [{ id: '6841743441349706241', name: 'J&T Express', prefix: 'JX' }],
    payments: ['GoPay', 'Transfer bank', 'Cash on delivery'],
    places: [{ city: 'Kota Contoh', state: 'Provinsi Rekaan', postalCode: '00010' }],
    streets: ['Jalan Rekaan', 'Jalan Contoh'],
  },
  {
    region: 'MX',
    currency: 'MXN',
    decimals: 2,
    tokenPrefix: 'ROW',
    taxBasisPoints: 0,
    priceScale: 17,
    priceStep: 100,
    offsetHours: -6,
    phonePrefix: '(+52)55 0000 ',
    providers: [{ id: '7400000000000000001', name: 'Estafeta', prefix: 'ES' }],
    payments: ['Tarjeta', 'OXXO'],
    places: [{ city: 'Ciudad Ficción', state: 'Estado Inventado', postalCode: '00100' }],
    streets: ['Calle Imaginaria', 'Avenida Ejemplo'],
  },
];

/** The market of the nth shop; the first one is always the US. */
export function regionOf(shopNumber: number): Region {
  const found = regions[shopNumber % regions.length] ?? regions[0];
  if (found === undefined) throw new Error('the table of regions is empty');
  return found;
}

/** Amount in US cents as a price of the region in its minor units. */
export function regionalPrice(region: Region, usCents: number): number {
  if (region.priceScale === 1) return usCents;
  return Math.max(1, Math.round((usCents * region.priceScale) / region.priceStep)) * region.priceStep;
}
