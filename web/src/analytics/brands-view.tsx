import { BrandRules } from './brand-rules.tsx';
import { FiguresView } from './figures-view.tsx';
import { figuresLists } from './list-declarations.tsx';
import type { ViewProps } from './view-props.ts';

/** Figures of brands, and how brands are found. */
export function BrandsView(props: ViewProps) {
  return (
    <>
      <FiguresView {...props} list={figuresLists.brands} />
      <BrandRules shop={props.shop} mayChange={props.session.scopes.includes('admin')} />
    </>
  );
}
