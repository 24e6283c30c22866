import type { AnyDestinationKind } from './destination-kind.ts';
import { tiktok } from './tiktok/index.ts';

const kinds: readonly AnyDestinationKind[] = [tiktok];

/** @returns the kind of a destination; undefined for a name that no kind has */
export function destinationKind(name: string): AnyDestinationKind | undefined {
  return kinds.find(({ kind }) => kind === name);
}
