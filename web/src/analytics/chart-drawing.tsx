import type { Point } from './chart.tsx';
import { scaleOf } from './scale.ts';

/** In CSS pixels; the margins hold the axes. */
export interface ChartSize {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface ChartDrawingProps {
  points: readonly Point[];
  size: ChartSize;
  /** Which point is marked. */
  chosen: number;
  axis(value: number): string;
  isCounted: boolean;
}

export function ChartDrawing({ points, size, chosen, axis, isCounted }: ChartDrawingProps) {
  const { width, height, left, right, top, bottom } = size;
  const known = points.flatMap(({ value, previous }) => [value, previous].filter((one) => one !== null));
  const { low, high, ticks } = scaleOf(known, 4, isCounted);
  const y = (value: number): number => top + ((high - value) / (high - low)) * (height - top - bottom);
  const slot = (width - left - right) / Math.max(1, points.length);
  const x = (nth: number): number => left + nth * slot;
  const bar = Math.max(1, slot * 0.7);
  // As many labels as fit beside each other.
  const every = Math.max(1, Math.ceil(70 / slot));

  return (
    <svg width={width} height={height} aria-hidden="true">
      {ticks.map((tick) => (
        <g key={tick} className="tick">
          <line x1={left} x2={width - right} y1={y(tick)} y2={y(tick)} />
          <text x={left - 8} y={y(tick) + 4} textAnchor="end">
            {axis(tick)}
          </text>
        </g>
      ))}
      {points.map(({ label, short, value }, nth) => (
        <g key={label}>
          {value === null ? (
            <line
              className="missing"
              x1={x(nth) + slot / 2}
              x2={x(nth) + slot / 2}
              y1={top}
              y2={height - bottom}
            />
          ) : (
            <rect
              className={nth === chosen ? 'bar chosen' : 'bar'}
              x={x(nth) + (slot - bar) / 2}
              y={Math.min(y(value), y(0))}
              width={bar}
              height={Math.abs(y(value) - y(0))}
            />
          )}
          {nth % every === 0 && x(nth) + 28 < width && (
            <text x={x(nth) + slot / 2} y={height - 6} textAnchor="middle">
              {short}
            </text>
          )}
        </g>
      ))}
      <path className="previous" d={lineOf(points, (nth) => x(nth) + slot / 2, y)} />
    </svg>
  );
}

/** A line through what is known, broken where nothing is. */
function lineOf(points: readonly Point[], x: (nth: number) => number, y: (value: number) => number): string {
  let drawing = false;
  return points
    .map(({ previous }, nth) => {
      const command = drawing ? 'L' : 'M';
      drawing = previous !== null;
      return previous === null ? '' : `${command}${x(nth).toFixed(1)},${y(previous).toFixed(1)}`;
    })
    .join('');
}
