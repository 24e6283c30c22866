import type { ComponentType } from 'react';
import { BestsellersView } from './bestsellers-view.tsx';
import { BrandsView } from './brands-view.tsx';
import { ComparisonView } from './comparison-view.tsx';
import { CustomersView } from './customers-view.tsx';
import { FiguresView } from './figures-view.tsx';
import { HoursView } from './hours-view.tsx';
import { InsightsView } from './insights-view.tsx';
import { type FiguresList, figuresLists } from './list-declarations.tsx';
import { LivesView, ProductsView, VariantsView, VideosView } from './opened-views.tsx';
import { Overview } from './overview.tsx';
import { ReadingView } from './reading-view.tsx';
import { RestatementsView } from './restatements-view.tsx';
import type { ViewProps } from './view-props.ts';

interface View {
  title: string;
  component: ComponentType<ViewProps>;
}

/** A view of one list of figures. */
function viewOf(list: FiguresList): View {
  return { title: list.title, component: (props) => <FiguresView {...props} list={list} /> };
}

/** What can be looked at, in the order of the menu, by its name in the address. */
export const views = {
  overview: { title: 'Overview', component: Overview },
  hours: { title: 'Hours', component: HoursView },
  customers: { title: 'Customers', component: CustomersView },
  products: { title: figuresLists.products.title, component: ProductsView },
  variants: { title: figuresLists.variants.title, component: VariantsView },
  videos: { title: figuresLists.videos.title, component: VideosView },
  lives: { title: figuresLists.lives.title, component: LivesView },
  creators: viewOf(figuresLists.creators),
  affiliates: viewOf(figuresLists.affiliates),
  brands: { title: figuresLists.brands.title, component: BrandsView },
  market: { title: 'Market', component: BestsellersView },
  insights: { title: 'Insights', component: InsightsView },
  orders: { title: 'Orders and TikTok', component: ComparisonView },
  restatements: { title: 'Corrections', component: RestatementsView },
  reading: { title: 'Read and import', component: ReadingView },
} as const satisfies Record<string, View>;

export function isView(name: string): name is keyof typeof views {
  return Object.hasOwn(views, name);
}
