import type { AnyDestinationKind } from './destination-kind.ts';
import { googleAds } from './google-ads/index.ts';
import { meta } from './meta/index.ts';
import { tiktok } from './tiktok/index.ts';

export const destinationKinds: readonly AnyDestinationKind[] = [tiktok, meta, googleAds];

/** @returns the kind of a destination; undefined for a name that no kind has */
export function destinationKind(name: string): AnyDestinationKind | undefined {
  return destinationKinds.find(({ kind }) => kind === name);
}
