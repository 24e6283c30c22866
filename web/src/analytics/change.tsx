import { changeInPercent } from '../format.ts';

interface ChangeProps {
  value: number | null;
  /** What it is compared with. */
  against: string;
  /** Whether less of it is better. */
  isCost?: boolean;
}

/** How a figure moved against the days it is compared with; in words for those who do not see the arrow. */
export function Change({ value, against, isCost = false }: ChangeProps) {
  if (value === null) return <span className="change same">nothing to compare with</span>;
  const verdict = value === 0 ? 'same' : value > 0 === isCost ? 'worse' : 'better';
  return (
    <span className={`change ${verdict}`}>
      <span aria-hidden="true">{value > 0 ? '▲' : value < 0 ? '▼' : '＝'} </span>
      {changeInPercent(value)}
      <span className="hidden"> against {against}</span>
    </span>
  );
}
