import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts processor time in hundredths of a second, on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface Process {
  parent: number;
  ticks: number;
}

function readProcesses(): Map<number, Process> {
  const processes = new Map<number, Process>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // User and system time, and those of children that have ended.
      const ticks = fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0);
      processes.set(Number(entry), { parent: Number(fields[1]), ticks });
    } catch (error) {
      // Processes end while the list is read.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
    }
  }
  return processes;
}

/** Processor seconds of processes with all their descendants, since each began. */
export function processorSeconds<Part extends string>(
  roots: Readonly<Record<Part, number>>,
): Record<Part, number> {
  const processes = readProcesses();
  const entries = (Object.entries(roots) as [Part, number][]).map(([part, root]) => {
    let ticks = 0;
    for (const pid of processes.keys())
      if (descends(processes, pid, root)) ticks += processes.get(pid)?.ticks ?? 0;
    return [part, ticks / ticksPerSecond];
  });
  return Object.fromEntries(entries) as Record<Part, number>;
}

function descends(processes: ReadonlyMap<number, Process>, pid: number, root: number): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = processes.get(at)?.parent) {
    if (at === root) return true;
  }
  return false;
}

/** Measures what a piece of work costs each part, and says it in a line. */
export async function withProcessorTime<Result>(
  roots: Readonly<Record<string, number>>,
  work: () => Promise<Result>,
): Promise<{ result: Result; spent: string }> {
  const own = process.cpuUsage();
  const before = processorSeconds(roots);
  const result = await work();
  const after = processorSeconds(roots);
  const { user, system } = process.cpuUsage(own);
  const parts = Object.keys(roots).map(
    (part) => `${part} ${((after[part] ?? 0) - (before[part] ?? 0)).toFixed(1)}`,
  );
  return { result, spent: `${parts.join(', ')}, benchmark ${((user + system) / 1e6).toFixed(1)} CPU s` };
}
