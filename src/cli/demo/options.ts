import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { UsageError } from '../usage-error.ts';

export interface DemoOptions {
  /** End after the summary. */
  once: boolean;
  /** Absolute path of a file of orders to serve instead of generated ones. */
  ordersFile: string | null;
  shops: number;
  ordersCount: number;
  seed: number;
  json: boolean;
}

/** What commander reads from the command line. */
export interface RawDemoOptions {
  once?: true;
  orders?: string;
  shops?: number;
  ordersCount?: number;
  seed?: number;
  json?: true;
}

export const demoDefaults = { shops: 1, ordersCount: 5_000, seed: 1 } as const;

/** @throws UsageError for a missing file and for options that exclude each other */
export function demoOptions(raw: RawDemoOptions, environment: NodeJS.ProcessEnv): DemoOptions {
  if (raw.orders !== undefined && (raw.shops !== undefined || raw.ordersCount !== undefined)) {
    throw new UsageError('--orders serves the file as one shop: leave --shops and --orders-count out');
  }
  return {
    once: raw.once ?? false,
    ordersFile: raw.orders === undefined ? null : findOrdersFile(raw.orders, environment),
    shops: raw.shops ?? demoDefaults.shops,
    ordersCount: raw.ordersCount ?? demoDefaults.ordersCount,
    seed: raw.seed ?? demoDefaults.seed,
    json: raw.json ?? false,
  };
}

function findOrdersFile(given: string, environment: NodeJS.ProcessEnv): string {
  // npm changes into the package's folder; people mean the one in which they typed.
  const folders = [process.cwd(), ...(environment.INIT_CWD ? [environment.INIT_CWD] : [])];
  const found = folders
    .map((folder) => resolve(folder, given))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  if (found !== undefined) return found;
  throw new UsageError(`there is no file of orders at ${given}`);
}

/** A parser of whole numbers for commander. */
export function wholeNumberOption(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}
