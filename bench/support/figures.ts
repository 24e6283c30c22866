import { cpus, totalmem } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** What the figures were taken on; absolute ones mean little without it. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${memory} GiB, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
}

/** One line of a result: name, value, and the goal that it is held against, if there is one. */
export interface Figure {
  name: string;
  value: string;
  goal?: string;
  met?: boolean;
}

export function printFigures(title: string, figures: readonly Figure[]): void {
  const width = Math.max(...figures.map((figure) => figure.name.length));
  console.log(`\n${title}\n${describeMachine()}`);
  for (const { name, value, goal, met } of figures) {
    const verdict = goal === undefined ? '' : `   goal ${goal}: ${met ? 'met' : 'NOT MET'}`;
    console.log(`  ${name.padEnd(width)}  ${value}${verdict}`);
  }
}
