import type { Session } from './api-types.ts';
import { Deliveries } from './deliveries.tsx';
import { Destinations } from './destinations.tsx';

/** Where conversions go, and what became of them. They belong to no shop: a key of single shops does not see them. */
export function Conversions({ session }: { session: Session }) {
  if (session.shop_ids !== null) return null;
  return (
    <section className="card" aria-labelledby="conversions">
      <h2 id="conversions">Conversions</h2>
      <Destinations session={session} />
      <Deliveries />
    </section>
  );
}
