import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { packageRoot } from '../../paths.ts';
import { type CommandContext, exitCodes } from '../context.ts';
import { examples } from '../examples.ts';
import { UsageError } from '../usage-error.ts';

interface Benchmark {
  main(args: readonly string[]): Promise<number | undefined>;
}

/** Benchmarks are the programs of `bench/` that stand beside each other; helpers lie in folders. */
export function benchmarkNames(folder: string = join(packageRoot, 'dist', 'bench')): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js') && !entry.name.endsWith('.test.js'))
    .map((entry) => entry.name.slice(0, -3))
    .sort();
}

export function registerBench(program: Command, context: CommandContext): void {
  const command = program
    .command('bench')
    .description('measure the engine beside its floor, in the same run')
    .argument('<name>', 'which benchmark')
    .argument('[arguments...]', 'what the benchmark takes')
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (name: string, args: string[]) => {
      const names = benchmarkNames();
      if (!names.includes(name))
        throw new UsageError(`there is no benchmark ${name}; there are: ${names.join(', ')}`);
      const file = pathToFileURL(join(packageRoot, 'dist', 'bench', `${name}.js`)).href;
      const benchmark = (await import(file)) as Benchmark;
      context.exitCode = (await benchmark.main(args)) ?? exitCodes.done;
    });
  examples(command, [['tideline bench orders-full', 'a full sync of 370,200 orders']]);
}
