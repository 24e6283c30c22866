import type { ReactNode } from 'react';
import { type Detail, productDetail, skuDetail, videoDetail } from './detail-declarations.ts';
import { DetailView } from './detail-view.tsx';
import { FiguresView } from './figures-view.tsx';
import { Freshness } from './freshness.tsx';
import { InPageLink } from './in-page-link.tsx';
import { type FiguresList, figuresLists } from './list-declarations.tsx';
import { ProductsSold } from './products-sold.tsx';
import { SessionView } from './session-view.tsx';
import { viewAddress } from './view-address.ts';
import { rangeQuery, type ViewProps } from './view-props.ts';

export function ProductsView(props: ViewProps) {
  return (
    <ListOrDetail
      {...props}
      list={figuresLists.products}
      detail={productDetail}
      more={(id) => (
        <p>
          <InPageLink to={viewAddress('variants', { search: id })}>Variants of this product</InPageLink>
        </p>
      )}
    />
  );
}

export function VariantsView(props: ViewProps) {
  return <ListOrDetail {...props} list={figuresLists.variants} detail={skuDetail} />;
}

export function VideosView(props: ViewProps) {
  const { shop, range } = props;
  const productsOf = (id: string) => (
    <ProductsSold
      shop={shop}
      title="Products of this video"
      note="What was sold of each product through the video in these days."
      path={`api/v1/shops/${shop.id}/analytics/videos/${encodeURIComponent(id)}/products`}
      query={`${new URLSearchParams(rangeQuery(range))}`}
      by="this video"
      within={(coverage, content) => (
        <Freshness coverage={coverage} range={range} of="products of videos" onRequest="video_products">
          {content}
        </Freshness>
      )}
      nothing="TikTok told no products of this video in these days."
    />
  );
  return <ListOrDetail {...props} list={figuresLists.videos} detail={videoDetail} below={productsOf} />;
}

export function LivesView(props: ViewProps) {
  const live = props.query.get('live');
  if (live === null) return <FiguresView {...props} list={figuresLists.lives} />;
  return <SessionView shop={props.shop} liveId={live} />;
}

interface ListOrDetailProps extends ViewProps {
  list: FiguresList;
  detail: Detail;
  /** Stands under the name of what is open. */
  more?: (id: string) => ReactNode;
  /** Stands under its figures. */
  below?: (id: string) => ReactNode;
}

/** A list, or what is open behind one of its rows. */
function ListOrDetail({ list, detail, more, below, ...props }: ListOrDetailProps) {
  const id = props.query.get(detail.parameter);
  if (id === null) return <FiguresView {...props} list={list} />;
  return (
    <>
      <DetailView {...props} key={id} detail={detail} id={id}>
        {more?.(id)}
      </DetailView>
      {below?.(id)}
    </>
  );
}
