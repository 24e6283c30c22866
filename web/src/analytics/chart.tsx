import { type PointerEvent, useId, useState } from 'react';
import { ChartDrawing, type ChartSize } from './chart-drawing.tsx';
import './chart.css';
import { useWidth } from './use-width.ts';

/** One period of a chart. */
export interface Point {
  label: string;
  /** The same in few characters, for the axis. */
  short: string;
  /** What is drawn; null leaves a gap, for nothing is known. */
  value: number | null;
  /** The same exactly, as people read it. */
  text: string;
  previous: number | null;
  previousText: string;
}

interface ChartProps {
  /** What is shown, as in "GMV by day". */
  title: string;
  points: readonly Point[];
  /** What the dashed line is; null where nothing is compared. */
  against: string | null;
  axis(value: number): string;
  /** Whether there are no halves of it. */
  isCounted: boolean;
}

const height = 240;

/** Bars over time, with a line for what they are compared with. Every point can be read by pointer, keys and as a table. */
export function Chart({ title, points, against, axis, isCounted }: ChartProps) {
  const [box, width] = useWidth();
  const [chosen, setChosen] = useState<number | null>(null);
  const reader = useId();
  const size: ChartSize = { width, height, left: 64, right: 8, top: 12, bottom: 26 };
  const at = Math.min(chosen ?? points.length - 1, points.length - 1);
  const point = points[at];
  const isCompared = points.some(({ previous }) => previous !== null);
  const compared = isCompared ? against : null;

  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - left - size.left) / (width - size.left - size.right);
    setChosen(Math.max(0, Math.min(points.length - 1, Math.floor(share * points.length))));
  };

  return (
    <figure className="chart">
      <figcaption>
        <span>{title}</span>
        {against !== null && (
          <span className="quiet">
            {isCompared && <span className="key" aria-hidden="true" />}
            {isCompared ? ` ${against}` : `nothing known of the ${against}`}
          </span>
        )}
      </figcaption>
      <div ref={box} onPointerMove={follow} aria-hidden="true">
        <ChartDrawing points={points} size={size} chosen={at} axis={axis} isCounted={isCounted} />
      </div>
      {point !== undefined && (
        <p className="point">
          <label htmlFor={reader} className="hidden">
            {title}: which one to read
          </label>
          <input
            id={reader}
            type="range"
            min={0}
            max={points.length - 1}
            value={at}
            aria-valuetext={`${point.label}: ${point.text}`}
            onChange={(event) => setChosen(Number(event.target.value))}
          />
          <output htmlFor={reader}>
            {point.label}: <strong>{point.text}</strong>
            {compared !== null && (
              <span className="quiet">
                {' '}
                ({compared}: {point.previousText})
              </span>
            )}
          </output>
        </p>
      )}
      <details>
        <summary>As a table</summary>
        <div className="scroll">
          <table>
            <caption>{title}</caption>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col" className="number">
                  Figure
                </th>
                {compared !== null && (
                  <th scope="col" className="number">
                    {compared}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {points.map(({ label, text, previousText }) => (
                <tr key={label}>
                  <td>{label}</td>
                  <td className="number">{text}</td>
                  {compared !== null && <td className="number">{previousText}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
