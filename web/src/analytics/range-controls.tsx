import { type FormEvent, useState } from 'react';
import { Choice } from '../choice.tsx';
import { dayName } from '../format.ts';
import { addressWith, goTo } from '../use-address.ts';
import { type Comparison, comparisons } from './comparison.ts';
import { type Chosen, type Granularity, offeredGranularities, type Preset, presets } from './range.ts';

const steps: Record<Granularity, string> = { day: 'Days', week: 'Weeks', month: 'Months' };

interface RangeControlsProps {
  chosen: Chosen;
  comparison: Comparison;
  granularity: Granularity;
  /** The last day that is over in the shop. */
  yesterday: string;
}

/** Which days are shown, beside which others, and in what steps. */
export function RangeControls({ chosen, comparison, granularity, yesterday }: RangeControlsProps) {
  const [isOpen, setOpen] = useState(chosen.preset === 'custom');
  const { from, to } = chosen.range;

  const offered = Object.fromEntries(
    offeredGranularities(chosen.range).map((name) => [name, steps[name]]),
  ) as Record<Granularity, string>;

  const choose = (preset: Preset) => {
    setOpen(preset === 'custom');
    if (preset !== 'custom') goTo(addressWith({ range: preset, from: null, to: null }));
  };
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const days = [String(form.get('from')), String(form.get('to'))].sort();
    goTo(addressWith({ range: 'custom', from: days[0] ?? null, to: days[1] ?? null }));
  };

  return (
    <div className="range">
      <div className="controls">
        <Choice label="Days" value={isOpen ? 'custom' : chosen.preset} options={presets} onChoose={choose} />
        <Choice
          label="Compare with"
          value={comparison}
          options={comparisons}
          onChoose={(name) => goTo(addressWith({ compare: name }))}
        />
        <Choice
          label="Group by"
          value={granularity}
          options={offered}
          onChoose={(name) => goTo(addressWith({ granularity: name }))}
        />
      </div>
      {isOpen && (
        <form className="controls" onSubmit={apply} key={`${from} ${to}`}>
          <label>
            From
            <input type="date" name="from" required defaultValue={from} max={yesterday} />
          </label>
          <label>
            To
            <input type="date" name="to" required defaultValue={to} max={yesterday} />
          </label>
          <button type="submit" className="button">
            Show
          </button>
        </form>
      )}
      <p className="quiet">
        {dayName(from)} – {dayName(to)}
      </p>
    </div>
  );
}
