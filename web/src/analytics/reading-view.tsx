import { useState } from 'react';
import { BackfillForm } from './backfill-form.tsx';
import { BackfillRuns } from './backfill-runs.tsx';
import { SellerCenterSettings } from './seller-center-settings.tsx';
import { maySync, type ViewProps } from './view-props.ts';
import { WorkbookUpload } from './workbook-upload.tsx';

/** Where the figures come from: reading days, the seller center's workbook, the seller center itself. */
export function ReadingView({ shop, session, range, query }: ViewProps) {
  const stream = query.get('stream');
  const [started, setStarted] = useState<string | null>(null);
  const mayStart = maySync(session) && shop.status === 'active';
  return (
    <>
      {!maySync(session) && (
        <p className="notice warning">Your key may look at figures, but not ask for more of them.</p>
      )}
      {maySync(session) && shop.status !== 'active' && (
        <p className="notice warning">
          The shop is not connected at the moment; nothing can be read until it is connected again.
        </p>
      )}
      {mayStart && (
        <BackfillForm
          key={`${range.from} ${range.to} ${stream}`}
          shop={shop}
          range={range}
          stream={stream}
          onStarted={setStarted}
        />
      )}
      <BackfillRuns key={started} shop={shop} mayRetry={mayStart} started={started} />
      {mayStart && <WorkbookUpload shop={shop} onStarted={setStarted} />}
      <SellerCenterSettings shop={shop} mayChange={session.scopes.includes('admin')} />
    </>
  );
}
