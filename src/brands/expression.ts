import { RE2JS, RE2JSException } from 're2js';
import { limits } from './brand-rule.ts';

/** A regular expression whose time grows with the length of a text alone, whatever it says. */
export type Expression = RE2JS;

/** What is wrong with an expression, to follow its name in a sentence; null for one that can be used. */
export function faultOfExpression(text: string): string | null {
  try {
    const size = RE2JS.compile(text).programSize();
    return size > limits.expressionSize ? 'is too large: repeat less, or make it several rules.' : null;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const reason = error.message.replace(/^error parsing regexp: /, '');
    return `cannot be read as a regular expression of RE2 (${reason}); it has no look-around and no back-references.`;
  }
}

/** @throws RE2JSException for what {@link faultOfExpression} refuses. */
export function compileExpression(text: string): Expression {
  return RE2JS.compile(text);
}

/** The group named `brand`, else the first group that took part, else the whole match; null without a match. */
export function findIn(expression: Expression, text: string): string | null {
  const match = expression.matcher(text);
  if (!match.find()) return null;
  const named = expression.namedGroups().brand;
  if (named !== undefined) return match.group(named);
  for (let group = 1; group <= match.groupCount(); group++) {
    const part = match.group(group);
    if (part !== null && part !== '') return part;
  }
  return match.group();
}
