import type { ReactNode } from 'react';
import type { Coverage } from '../api-types.ts';
import { count, dayName } from '../format.ts';
import { InPageLink } from './in-page-link.tsx';
import { type Permission, shopAnalytics } from './permissions.ts';
import type { Range } from './range.ts';
import { viewAddress } from './view-address.ts';

interface FreshnessProps {
  coverage: readonly Coverage[];
  /** Of the days that are compared with. */
  previous?: readonly Coverage[] | undefined;
  range: Range;
  /** What the figures are of, as in "figures of videos". */
  of: string;
  /** What TikTok shows them for; that of analytics when left out. */
  permission?: Permission;
  /** Of the streams that are read only where somebody names them: this one. */
  onRequest?: string;
  children: ReactNode;
}

/** How far the figures reach and how final they are; in their place, why there are none. */
export function Freshness({
  coverage,
  previous,
  range,
  of,
  permission,
  onRequest,
  children,
}: FreshnessProps) {
  const [known] = coverage;
  const missing = { of: `figures of ${of}`, ...(permission === undefined ? {} : { permission }) };
  if (known === undefined) return <>{children}</>;
  if (known.permission === 'not_permitted' && known.days_read === 0) return <NotPermitted {...missing} />;
  if (known.days_read === 0) return <NotRead of={of} range={range} onRequest={onRequest} />;
  return (
    <>
      <p className="quiet freshness">{inWords(known)}</p>
      <ComparedInPart previous={previous} />
      {known.permission === 'not_permitted' && <NotPermitted {...missing} />}
      {children}
    </>
  );
}

/** Says that changes are of a part of the days compared with, for a sum of fewer days is no smaller figure. */
export function ComparedInPart({ previous }: { previous: readonly Coverage[] | undefined }) {
  const known = previous?.find(({ days, days_read: read }) => read > 0 && read < days);
  if (known === undefined) return null;
  return (
    <p className="notice warning">
      Only {count(known.days_read)} of the {daysOf(known.days)} compared with have been read: the changes
      shown are against these alone. <InPageLink to={viewAddress('reading')}>Read the others</InPageLink>
    </p>
  );
}

function inWords(known: Coverage): string {
  const open = known.days_read - known.days_settled;
  const parts = [
    known.final_up_to === null ? null : `Final up to ${dayName(known.final_up_to)}.`,
    open === 0 ? null : `${daysOf(open)} may still be corrected by TikTok.`,
    known.days_read === known.days
      ? null
      : `${count(known.days_read)} of ${daysOf(known.days)} have been read; the others are missing, not zero.`,
    known.latest_available_date === null
      ? null
      : `TikTok’s figures reach to ${dayName(known.latest_available_date)}.`,
  ];
  return parts.filter((part) => part !== null).join(' ');
}

function daysOf(number: number): string {
  return number === 1 ? '1 day' : `${count(number)} days`;
}

interface NotPermittedProps {
  /** As in "figures of videos". */
  of: string;
  permission?: Permission;
}

/** TikTok shows this only to apps that were allowed to see it. */
export function NotPermitted({ of, permission = shopAnalytics }: NotPermittedProps) {
  const { scope, name, note, isInWorkbook } = permission;
  return (
    <div className="notice warning">
      <p>
        <strong>TikTok does not show {of} to your app.</strong> In Partner Center, ask for the permission{' '}
        {name !== undefined && <em>{name}</em>} <code>{scope}</code>, then connect the shop again. {note} What
        is missing is shown as missing, never as zero.
      </p>
      {isInWorkbook && (
        <p>
          Until then, figures of products can come from{' '}
          <InPageLink to={viewAddress('reading')}>
            the workbook that you download in the seller center
          </InPageLink>
          .
        </p>
      )}
    </div>
  );
}

interface NotReadProps {
  of: string;
  range: Range;
  onRequest: string | undefined;
}

function NotRead({ of, range, onRequest }: NotReadProps) {
  return (
    <div className="blank">
      <p>
        <strong>
          No figures of {of} from {dayName(range.from)} to {dayName(range.to)} have been read yet.
        </strong>
      </p>
      <p className="quiet">
        {onRequest === undefined
          ? 'The last thirty days are read by themselves when a shop is connected. Others are read when you ask for them.'
          : 'They are read only when you ask for them: each thing takes a call to TikTok for each day on which it sold.'}
      </p>
      <p>
        <InPageLink to={viewAddress('reading', { stream: onRequest ?? null })}>Read these days</InPageLink>
      </p>
    </div>
  );
}
