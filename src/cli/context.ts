/** Where a command writes; process.stdout and process.stderr, or buffers in tests. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** What commands get from their surroundings. */
export interface CommandContext {
  environment: NodeJS.ProcessEnv;
  /** Data and results. */
  stdout: Output;
  /** Progress, notes and errors: whoever pipes the data on still sees them. */
  stderr: Output;
  /** Where answers to questions come from; process.stdin when left out. */
  stdin?: NodeJS.ReadableStream & { isTTY?: boolean };
  /** What the process will end with; commands set it. */
  exitCode: number;
}

export const exitCodes = { done: 0, failed: 1, wrongUsage: 2, interrupted: 130 } as const;

export function say(output: Output, line: string): void {
  output.write(`${line}\n`);
}
