import { formatNumber, renderTable } from '../output.ts';
import type { ConversionResult } from './send-conversions.ts';

/** The conversions of a demo as a person reads them. */
export function describeConversions(result: ConversionResult): string[] {
  const { comparison, pause, reasons } = result;
  const rows = comparison.destinations.map(({ destination, statuses }) => [
    destination,
    ...['DELIVERED', 'FAILED', 'SKIPPED'].map((status) => formatNumber(statuses[status] ?? 0)),
  ]);
  return [
    `Conversions: ${formatNumber(result.accepted)} events accepted, ${formatNumber(result.duplicates)} repeats told apart`,
    renderTable(['destination', '>delivered', '>failed', '>skipped'], rows),
    `  ${pause.destination} was paused while ${formatNumber(pause.waited)} deliveries waited, which went out once it was resumed: ${pause.reason}`,
    `  ${formatNumber(result.sentAgain)} deliveries took more than one request: an answer was lost, a batch was halved, or Google was asked for its result.`,
    ...reasons.map(({ status, reason, deliveries }) => `  ${formatNumber(deliveries)} ${status}: ${reason}`),
    comparison.equal
      ? `  The platforms have counted ${formatNumber(comparison.counted)}: each that is said to be delivered, once, and no other.`
      : '  What is said of deliveries is NOT what the platforms have counted:',
    ...comparison.differences.map((line) => `  ${line}`),
  ];
}

/** The same for other programs. */
export function conversionsJson({ comparison, sentAgain, ...result }: ConversionResult) {
  return { ...result, ...comparison, sent_again: sentAgain };
}
