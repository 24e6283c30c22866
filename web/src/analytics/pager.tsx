import { count } from '../format.ts';
import type { Pages } from './use-pages.ts';

interface PagerProps {
  pages: Pick<Pages<unknown>, 'number' | 'back' | 'on'>;
  total: number | undefined;
  size: number;
}

/** From page to page of a list. */
export function Pager({ pages: { number, back, on }, total, size }: PagerProps) {
  if (back === null && on === null) return null;
  return (
    <nav className="pager" aria-label="Pages of the list">
      <button type="button" className="button" disabled={back === null} onClick={back ?? undefined}>
        Previous page
      </button>
      <span className="quiet" aria-live="polite">
        Page {count(number)}
        {total !== undefined && ` of ${count(Math.ceil(total / size))}`}
      </span>
      <button type="button" className="button" disabled={on === null} onClick={on ?? undefined}>
        Next page
      </button>
    </nav>
  );
}
