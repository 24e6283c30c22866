import { type RefCallback, useCallback, useState } from 'react';

/** How wide an element is, in CSS pixels, also after it was resized. */
export function useWidth(): [RefCallback<HTMLElement>, number] {
  const [width, setWidth] = useState(640);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
