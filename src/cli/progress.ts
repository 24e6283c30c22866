import type { Output } from './context.ts';
import { clean, formatNumber } from './output.ts';

export interface ProgressState {
  done: number;
  /** Null while unknown. */
  expected: number | null;
  ratePerSecond: number;
  etaSeconds: number | null;
  /** A word such as "planning" or "paused", shown behind the figures. */
  note?: string;
}

export interface ProgressDisplay {
  /** Shows how far the work named `label` is; several are shown below each other. */
  update(label: string, state: ProgressState): void;
  /** Leaves the last state standing and lets other output follow. */
  end(): void;
}

export interface ProgressOptions {
  output: Output;
  environment: NodeJS.ProcessEnv;
  /** What is counted, in the plural. */
  unit: string;
  now?: () => number;
}

const REPAINT_MS = 100;
const PLAIN_LINE_MS = 5_000;
const LONGEST_BAR = 30;
const SHORTEST_BAR = 8;

/** A bar on a terminal, a plain line every few seconds elsewhere. */
export function createProgress(options: ProgressOptions): ProgressDisplay {
  const { output, environment } = options;
  return output.isTTY === true && environment.TERM !== 'dumb' ? createBars(options) : createLines(options);
}

function createBars(options: ProgressOptions): ProgressDisplay {
  const { output, environment, unit, now = Date.now } = options;
  const style = {
    blocks: /utf-?8/i.test(environment.LC_ALL || environment.LC_CTYPE || environment.LANG || ''),
    colour: !environment.NO_COLOR,
  };
  const states = new Map<string, ProgressState>();
  let painted = 0;
  let paintedAt = Number.NEGATIVE_INFINITY;
  const paint = (): void => {
    paintedAt = now();
    const width = (output.columns ?? 80) - 1;
    const names = Math.max(...[...states.keys()].map((label) => label.length));
    const lines = [...states].map(([label, state]) => {
      return `\u001b[2K${renderBar(label.padEnd(names), state, { ...style, unit, width })}\n`;
    });
    output.write(`${painted > 0 ? `\u001b[${painted}A` : ''}${lines.join('')}`);
    painted = states.size;
  };
  return {
    update: (label, state) => {
      states.set(clean(label), state);
      if (now() - paintedAt >= REPAINT_MS) paint();
    },
    end: () => {
      if (states.size > 0) paint();
      states.clear();
      painted = 0;
    },
  };
}

function createLines(options: ProgressOptions): ProgressDisplay {
  const { output, unit, now = Date.now } = options;
  const shown = new Map<string, { at: number; line: string }>();
  const latest = new Map<string, ProgressState>();
  const write = (label: string, state: ProgressState): void => {
    const line = [label, ...figures(state, unit)].join('  ');
    if (shown.get(label)?.line !== line) output.write(`${line}\n`);
    shown.set(label, { at: now(), line });
  };
  return {
    update: (name, state) => {
      const label = clean(name);
      latest.set(label, state);
      if (now() - (shown.get(label)?.at ?? Number.NEGATIVE_INFINITY) >= PLAIN_LINE_MS) write(label, state);
    },
    end: () => {
      for (const [label, state] of latest) write(label, state);
      latest.clear();
      shown.clear();
    },
  };
}

interface BarStyle {
  unit: string;
  width: number;
  blocks: boolean;
  colour: boolean;
}

function renderBar(label: string, state: ProgressState, style: BarStyle): string {
  const text = figures(state, style.unit).join('  ');
  const room = Math.min(LONGEST_BAR, style.width - label.length - text.length - 4);
  const plain = (line: string): string => line.slice(0, style.width);
  if (room < SHORTEST_BAR) return plain(`${label}  ${text}`);
  const filled = Math.round(((percentOf(state) ?? 0) / 100) * room);
  const [full, empty] = style.blocks ? ['█', '░'] : ['#', '-'];
  const front = full.repeat(filled);
  const bar = `${style.colour ? `\u001b[32m${front}\u001b[0m` : front}${empty.repeat(room - filled)}`;
  return `${label}  ${bar}  ${text}`;
}

function percentOf({ done, expected }: ProgressState): number | null {
  if (expected === null) return null;
  if (expected === 0) return 100;
  // "100 %" is said only when everything is there.
  return Math.min(100, Math.floor((done / expected) * 100));
}

function figures(state: ProgressState, unit: string): string[] {
  const percent = percentOf(state);
  const done = formatNumber(state.done);
  return [
    ...(percent === null ? [] : [`${String(percent).padStart(3)} %`]),
    state.expected === null ? `${done} ${unit}` : `${done} / ${formatNumber(state.expected)} ${unit}`,
    `${formatNumber(state.ratePerSecond)}/s`,
    ...(state.etaSeconds === null ? [] : [`ETA ${clock(state.etaSeconds)}`]),
    ...(state.note === undefined ? [] : [state.note]),
  ];
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const tail = `${String(minutes).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
  return whole >= 3_600 ? `${Math.floor(whole / 3_600)}:${tail}` : tail;
}
