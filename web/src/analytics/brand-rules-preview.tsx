import type { BrandRulePreview } from '../api-types.ts';
import { count } from '../format.ts';

/** What rules would find, before they are saved. */
export function BrandRulesPreview({ preview }: { preview: BrandRulePreview }) {
  const {
    products,
    named_by_tiktok: byTiktok,
    named_by_rules: byRules,
    unnamed,
    changed,
    examples,
  } = preview;
  return (
    <section aria-label="What would change" role="status">
      <p>
        Of {count(products)} products TikTok names the brand of {count(byTiktok)}; these rules find{' '}
        {count(byRules)}, and {count(unnamed)} stay without. <strong>{count(changed)} would change.</strong>
      </p>
      {examples.length > 0 && (
        <div className="scroll">
          <table>
            <caption>Some that would change</caption>
            <thead>
              <tr>
                <th scope="col">Product</th>
                <th scope="col">Now</th>
                <th scope="col">Then</th>
              </tr>
            </thead>
            <tbody>
              {examples.map(({ product_id: id, title, before, after }) => (
                <tr key={id}>
                  <th scope="row">{title ?? id}</th>
                  <td>{before ?? '–'}</td>
                  <td>{after ?? '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
