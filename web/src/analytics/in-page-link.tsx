import type { MouseEvent, ReactNode } from 'react';
import { goTo } from '../use-address.ts';

interface InPageLinkProps {
  to: string;
  current?: boolean;
  children: ReactNode;
}

/** A link to another view: it can be opened in a tab of its own, and does not load the page anew otherwise. */
export function InPageLink({ to, current = false, children }: InPageLinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(to);
  };
  return (
    <a href={to} onClick={follow} aria-current={current ? 'page' : undefined}>
      {children}
    </a>
  );
}
