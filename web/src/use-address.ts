import { useMemo, useSyncExternalStore } from 'react';

const moved = 'tideline-moved';

function subscribe(listener: () => void): () => void {
  addEventListener('popstate', listener);
  addEventListener(moved, listener);
  return () => {
    removeEventListener('popstate', listener);
    removeEventListener(moved, listener);
  };
}

/** What the page's address asks for, so that a view can be bookmarked, sent and gone back to. */
export function useAddress(): URLSearchParams {
  const search = useSyncExternalStore(subscribe, () => location.search);
  return useMemo(() => new URLSearchParams(search), [search]);
}

/** The address with some of its parameters changed; null takes one away. */
export function addressWith(changes: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  return `${location.pathname}?${query}`;
}

/** Goes there without loading the page anew. */
export function goTo(address: string): void {
  history.pushState(null, '', address);
  dispatchEvent(new Event(moved));
}
