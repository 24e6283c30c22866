import type { Comparison } from '../checker.ts';

/** The comparison in a few lines for people. */
export function formatComparison(comparison: Comparison): string {
  const { upstream, stored } = comparison;
  const lines = [
    comparison.equal
      ? `Equal: everything that shop ${comparison.tiktokShopId} holds is stored, once, in its newest version.`
      : `NOT equal: shop ${comparison.tiktokShopId}`,
    row('', 'upstream', 'stored'),
    row('orders', upstream.orders, stored.orders),
    ...[...new Set([...Object.keys(upstream.gmvByCurrency), ...Object.keys(stored.gmvByCurrency)])].map(
      (currency) =>
        row(
          `GMV ${currency}`,
          grouped(upstream.gmvByCurrency[currency] ?? '0.00'),
          grouped(stored.gmvByCurrency[currency] ?? '0.00'),
        ),
    ),
    row('line items', upstream.lines, stored.lines),
    `orders and GMV per day (${comparison.timeZone}): ${comparison.days - comparison.dayDifferences.length} of ${comparison.days} days equal`,
  ];
  if (comparison.quarantined > 0) {
    lines.push(
      `set aside: ${comparison.quarantined}, of them accounted for ${comparison.quarantinedOnPurpose}`,
    );
  }
  if (comparison.missingCount > 0)
    lines.push(`missing: ${comparison.missingCount} (${some(comparison.missing)})`);
  if (comparison.unexpectedCount > 0)
    lines.push(`unexpected: ${comparison.unexpectedCount} (${some(comparison.unexpected)})`);
  if (comparison.duplicated > 0) lines.push(`duplicated: ${comparison.duplicated}`);
  if (comparison.orphanLines > 0) lines.push(`line items without an order: ${comparison.orphanLines}`);
  if (comparison.differingCount > 0) {
    lines.push(
      `differing: ${comparison.differingCount}, of them in their lines ${comparison.lineDifferences}`,
    );
    for (const { id, field, upstream: left, stored: right } of comparison.differing.slice(0, 10)) {
      lines.push(`  ${id} ${field}: upstream ${left ?? 'nothing'}, stored ${right ?? 'nothing'}`);
    }
  }
  return lines.join('\n');
}

function row(name: string, upstream: string | number, stored: string | number): string {
  return `${name.padEnd(14)}${String(typeof upstream === 'number' ? grouped(String(upstream)) : upstream).padStart(18)}${String(typeof stored === 'number' ? grouped(String(stored)) : stored).padStart(18)}`;
}

function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction === undefined ? '' : `.${fraction}`);
}

function some(ids: readonly string[]): string {
  return ids.length > 5 ? `${ids.slice(0, 5).join(', ')}, …` : ids.join(', ');
}
