import type { z } from '@hono/zod-openapi';

type RawIssue = z.core.$ZodRawIssue;

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/**
 * Says what is wrong with a value where its schema says nothing of its own, in words for whoever sent it. Given to
 * `safeParse`, which asks it for each issue; undefined: the words of zod.
 */
export function issueMessage(issue: RawIssue): string | undefined {
  if (issue.code === 'invalid_type') return ofType(issue);
  if (issue.code === 'invalid_value') {
    const choices = `must be one of ${issue.values.map(String).join(', ')}.`;
    return issue.input === undefined ? `is missing: ${choices}` : choices;
  }
  if (issue.code === 'invalid_union') return ofUnion(issue);
  if (issue.code === 'too_small' && issue.minimum === 1) return 'must not be empty.';
  return undefined;
}

function ofType({ input, expected }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  if (input === undefined) return 'is missing.';
  // What a query names twice is a list.
  if (Array.isArray(input) && expected === 'string') return 'must be one text, not several.';
  return `must be ${kinds[expected] ?? expected}.`;
}

/** A value that is of the type of one branch is told what that branch has against it. */
function ofUnion({ errors }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string | undefined {
  return errors.flat().find(({ code, path }) => code !== 'invalid_type' && path.length === 0)?.message;
}
