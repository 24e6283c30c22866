import { addressWith } from '../use-address.ts';
import { FiguresView } from './figures-view.tsx';
import { InPageLink } from './in-page-link.tsx';
import { figuresLists } from './list-declarations.tsx';
import { LiveMinutes } from './live-minutes.tsx';
import type { ViewProps } from './view-props.ts';

/** LIVE sessions, or the minutes of the one that is open. */
export function LivesView(props: ViewProps) {
  const live = props.query.get('live');
  if (live === null) return <FiguresView {...props} list={figuresLists.lives} />;
  return (
    <section className="card" aria-labelledby="minutes">
      <p>
        <InPageLink to={addressWith({ live: null })}>All LIVE sessions</InPageLink>
      </p>
      <LiveMinutes shop={props.shop} liveId={live} />
    </section>
  );
}
