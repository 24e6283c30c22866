import { useState } from 'react';
import { Answered, Problem } from '../answered.tsx';
import { ApiProblem, call } from '../api.ts';
import type { BrandRule, BrandRulePreview, Shop } from '../api-types.ts';
import { Choice } from '../choice.tsx';
import { count } from '../format.ts';
import { useRead } from '../use-read.ts';
import { BrandRuleFields, draftOf, type RuleDraft, ruleKinds, ruleOf } from './brand-rule-fields.tsx';
import { BrandRulesPreview } from './brand-rules-preview.tsx';

/** How brands are found where TikTok names none. */
export function BrandRules({ shop, mayChange }: { shop: Shop; mayChange: boolean }) {
  const path = `api/v1/shops/${shop.id}/brand_rules`;
  const rules = useRead<{ rules: BrandRule[] }>(path);
  return (
    <section className="card" aria-labelledby="brand-rules">
      <h2 id="brand-rules">Find brands in product names</h2>
      <p className="quiet">
        TikTok names no brand of many products. These rules look for it in the product’s name; the first one
        that finds a brand decides, and a brand that TikTok names goes before all of them. Saved rules hold
        for everything that is stored.
      </p>
      <Answered read={rules}>
        {(found) =>
          mayChange ? (
            <Editor path={path} saved={found.rules} />
          ) : (
            <p>
              {found.rules.length === 0
                ? 'There are no rules.'
                : `${count(found.rules.length)} rules; your key may not change them.`}
            </p>
          )
        }
      </Answered>
    </section>
  );
}

function Editor({ path, saved }: { path: string; saved: readonly BrandRule[] }) {
  const [drafts, setDrafts] = useState<readonly RuleDraft[]>(() => saved.map(draftOf));
  const [kind, setKind] = useState<RuleDraft['kind']>('list');
  const [preview, setPreview] = useState<BrandRulePreview | null>(null);
  const [changed, setChanged] = useState<number | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);

  const change = (next: readonly RuleDraft[]) => {
    setDrafts(next);
    setPreview(null);
    setChanged(null);
  };
  const add = () => {
    const id = Math.max(-1, ...drafts.map((draft) => draft.id)) + 1;
    change([...drafts, { id, kind, text: '', brand: '' }]);
  };
  const send = async (save: boolean) => {
    setBusy(true);
    setProblem(null);
    try {
      const body = { rules: drafts.map(ruleOf) };
      if (save) setChanged((await call<{ changed: number }>('PUT', path, body)).changed);
      else setPreview(await call<BrandRulePreview>('POST', `${path}/preview`, body));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send(false);
      }}
    >
      {drafts.length === 0 && <p className="blank">No rules: only TikTok names brands.</p>}
      <ol className="rules">
        {drafts.map((draft, nth) => (
          <li key={draft.id}>
            <fieldset>
              <legend>
                {nth + 1}. {ruleKinds[draft.kind].title}
              </legend>
              <BrandRuleFields
                draft={draft}
                onChange={(next) => change(drafts.map((one) => (one.id === next.id ? next : one)))}
              />
              <p className="actions">
                <button
                  type="button"
                  className="link"
                  disabled={nth === 0}
                  onClick={() => change(swapped(drafts, nth))}
                >
                  Move up<span className="hidden"> rule {nth + 1}</span>
                </button>
                <button
                  type="button"
                  className="link"
                  onClick={() => change(drafts.filter((one) => one.id !== draft.id))}
                >
                  Remove<span className="hidden"> rule {nth + 1}</span>
                </button>
              </p>
            </fieldset>
          </li>
        ))}
      </ol>
      <div className="controls">
        <Choice label="Kind of rule" value={kind} options={kindTitles} onChoose={(name) => setKind(name)} />
        <button type="button" className="button" onClick={add}>
          Add a rule
        </button>
      </div>
      {problem !== null && <Problem problem={problem} />}
      {preview !== null && <BrandRulesPreview preview={preview} />}
      {changed !== null && (
        <p className="notice good" role="status">
          Saved: {count(changed)} products have another brand now. Read the list of brands again to see them.
        </p>
      )}
      <div className="actions">
        <button type="submit" className="button" disabled={busy}>
          See what would change
        </button>
        <button
          type="button"
          className="button primary"
          disabled={busy || preview === null}
          onClick={() => void send(true)}
        >
          Save the rules
        </button>
      </div>
    </form>
  );
}

const kindTitles = Object.fromEntries(
  Object.entries(ruleKinds).map(([name, { title }]) => [name, title]),
) as Record<RuleDraft['kind'], string>;

/** The drafts with one of them before the former. */
function swapped(drafts: readonly RuleDraft[], nth: number): RuleDraft[] {
  const [former, draft] = [drafts[nth - 1], drafts[nth]];
  if (former === undefined || draft === undefined) return [...drafts];
  return drafts.with(nth - 1, draft).with(nth, former);
}
