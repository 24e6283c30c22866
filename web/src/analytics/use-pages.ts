import { useState } from 'react';
import type { AnalyticsPage, Page } from '../api-types.ts';
import { type Read, useRead } from '../use-read.ts';

export interface Pages<Answer> {
  read: Read<Answer>;
  /** Of the page that is shown, from 1. */
  number: number;
  back: (() => void) | null;
  on: (() => void) | null;
}

/** A list page by page. Whatever changes the list leads back to its first page. */
export function usePages<Answer extends Pick<AnalyticsPage | Page<unknown>, 'next_cursor'>>(
  list: string,
): Pages<Answer> {
  const [kept, setKept] = useState<{ list: string; cursors: readonly string[] }>({ list, cursors: [] });
  const cursors = kept.list === list ? kept.cursors : [];
  const cursor = cursors.at(-1);
  const read = useRead<Answer>(cursor === undefined ? list : `${list}&cursor=${cursor}`);
  const next = read.reading ? null : (read.data?.next_cursor ?? null);
  const go = (to: readonly string[]) => () => setKept({ list, cursors: to });
  return {
    read,
    number: cursors.length + 1,
    back: cursors.length === 0 ? null : go(cursors.slice(0, -1)),
    on: next === null ? null : go([...cursors, next]),
  };
}
