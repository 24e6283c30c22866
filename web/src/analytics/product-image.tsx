import { useState } from 'react';

/** A product's picture from TikTok's servers; its first letter where there is none, or it does not load. */
export function ProductImage({ url, title }: { url: string; title: string }) {
  const [broken, setBroken] = useState<string | null>(null);
  if (!url.startsWith('https://') || broken === url) {
    return (
      <span className="picture" aria-hidden="true">
        {[...title][0] ?? '·'}
      </span>
    );
  }
  return (
    <img
      className="picture"
      src={url}
      alt=""
      width="44"
      height="44"
      loading="lazy"
      referrerPolicy="no-referrer"
      onError={() => setBroken(url)}
    />
  );
}
