import { useId } from 'react';
import type { BrandRule } from '../api-types.ts';

/** A rule while it is being written: every field a text, whatever its kind needs of them. */
export interface RuleDraft {
  /** Tells drafts apart while they are moved. */
  id: number;
  kind: 'list' | 'prefix' | 'separator' | 'regular_expression';
  /** One brand a line, what names begin with, what ends a brand, or an expression. */
  text: string;
  brand: string;
}

export const ruleKinds: Record<RuleDraft['kind'], { title: string; field: string; help: string }> = {
  list: {
    title: 'A list of brands',
    field: 'Brands, one a line',
    help: 'Looked for as whole words anywhere in the name, in upper or lower case.',
  },
  prefix: {
    title: 'How names begin',
    field: 'Names begin with',
    help: 'Names that begin so are of the brand.',
  },
  separator: {
    title: 'What stands before a sign',
    field: 'Sign, such as " - "',
    help: 'What stands before the first such sign in the name is the brand.',
  },
  regular_expression: {
    title: 'An expression',
    field: 'Regular expression (RE2)',
    help: 'For names that no other rule fits. The brand is its first group, or all that it fits.',
  },
};

export function draftOf(rule: BrandRule, id: number): RuleDraft {
  if (rule.kind === 'list') return { id, kind: 'list', text: rule.brands.join('\n'), brand: '' };
  const brand = rule.brand ?? '';
  if (rule.kind === 'regular_expression') return { id, kind: rule.kind, text: rule.expression, brand };
  if (rule.separator !== undefined) return { id, kind: 'separator', text: rule.separator, brand: '' };
  return { id, kind: 'prefix', text: rule.prefix ?? '', brand };
}

export function ruleOf({ kind, text, brand }: RuleDraft): BrandRule {
  const named = brand.trim() === '' ? {} : { brand: brand.trim() };
  switch (kind) {
    case 'list': {
      const lines = text.split('\n').map((line) => line.trim());
      return { kind, brands: lines.filter((line) => line !== '') };
    }
    case 'prefix':
      return { kind, prefix: text, ...named };
    case 'separator':
      return { kind: 'prefix', separator: text };
    case 'regular_expression':
      return { kind, expression: text, ...named };
  }
}

interface BrandRuleFieldsProps {
  draft: RuleDraft;
  onChange(draft: RuleDraft): void;
}

export function BrandRuleFields({ draft, onChange }: BrandRuleFieldsProps) {
  const id = useId();
  const { kind, text, brand } = draft;
  const { field, help } = ruleKinds[kind];
  const main = {
    id: `${id}-text`,
    value: text,
    required: true,
    'aria-describedby': `${id}-help`,
    onChange: (event: { target: { value: string } }) => onChange({ ...draft, text: event.target.value }),
  };
  return (
    <div className="controls">
      <div className="field">
        <label htmlFor={main.id}>{field}</label>
        {kind === 'list' ? <textarea rows={4} cols={30} {...main} /> : <input size={24} {...main} />}
        <span id={`${id}-help`} className="quiet">
          {help}
        </span>
      </div>
      {(kind === 'prefix' || kind === 'regular_expression') && (
        <div className="field">
          <label htmlFor={`${id}-brand`}>Brand is called (may be left empty)</label>
          <input
            id={`${id}-brand`}
            size={20}
            value={brand}
            onChange={(event) => onChange({ ...draft, brand: event.target.value })}
          />
        </div>
      )}
    </div>
  );
}
