/** Where the lines of an axis lie, and how far it reaches. */
export interface Scale {
  low: number;
  high: number;
  ticks: number[];
}

/**
 * An axis with round steps (1, 2 or 5 times a power of ten) that holds zero and every value.
 *
 * @param steps about as many, at least one
 * @param isWhole of things that are counted, of which there are no halves
 */
export function scaleOf(values: readonly number[], steps: number, isWhole = false): Scale {
  const least = Math.min(0, ...values);
  const most = Math.max(0, ...values);
  const round = roundStep((most - least || steps) / steps);
  const step = isWhole ? Math.max(1, round) : round;
  const low = Math.floor(least / step) * step;
  const high = Math.max(Math.ceil(most / step), 1 + Math.floor(least / step)) * step;
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, nth) => low + nth * step);
  return { low, high, ticks };
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}
