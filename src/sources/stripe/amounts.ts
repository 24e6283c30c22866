/** Amounts in these are whole units (docs.stripe.com/currencies, "Zero-decimal"). UGX is written with two places. */
const zeroDecimal = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const threeDecimal = new Set('BHD JOD KWD OMR TND'.split(' '));

/** An amount as Stripe writes it, in the currency's smallest unit, as a decimal: `2490`, `usd` → `24.90`. */
export function fromStripeAmount(amount: number, currency: string): string {
  const code = currency.toUpperCase();
  const places = zeroDecimal.has(code) ? 0 : threeDecimal.has(code) ? 3 : 2;
  const digits = String(Math.abs(amount)).padStart(places + 1, '0');
  const sign = amount < 0 ? '-' : '';
  const whole = digits.slice(0, digits.length - places);
  return places === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-places)}`;
}
