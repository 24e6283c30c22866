import { z } from '@hono/zod-openapi';
import type { Column, ColumnKind } from '../exports/columns.ts';
import { exactNumber, moneyPattern } from './routes/common.schema.ts';

/** The columns that rows of a schema make: its fields in their order, those of an object within joined to its name. */
export function columnsOf(item: z.ZodObject, path: readonly string[] = []): Column[] {
  return Object.entries(item.shape).flatMap(([name, field]) => {
    const at = [...path, name];
    const schema = withoutNull(field as z.ZodType);
    return schema instanceof z.ZodObject
      ? columnsOf(schema, at)
      : [{ path: at, kind: schema === null ? 'json' : kindOf(schema) }];
  });
}

/** What a field holds when it is there; null when that has no one shape. */
function withoutNull(schema: z.ZodType): z.ZodType | null {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) {
    return withoutNull(schema.unwrap() as z.ZodType);
  }
  if (!(schema instanceof z.ZodUnion)) return schema;
  const [only, ...others] = (schema.options as z.ZodType[]).filter((one) => !(one instanceof z.ZodNull));
  return only === undefined || others.length > 0 ? null : withoutNull(only);
}

function kindOf(schema: z.ZodType): ColumnKind {
  if (schema instanceof z.ZodISODateTime) return 'time';
  if (schema instanceof z.ZodISODate) return 'date';
  if (schema instanceof z.ZodNumber || schema === exactNumber) return 'decimal';
  if (schema instanceof z.ZodBoolean) return 'flag';
  if (schema instanceof z.ZodString) return isMoney(schema) ? 'money' : 'text';
  return schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral ? 'text' : 'json';
}

function isMoney(schema: z.ZodString): boolean {
  return (schema.def.checks ?? []).some((check) => {
    const { def } = (check as z.core.$ZodCheck)._zod;
    return 'pattern' in def && def.pattern === moneyPattern;
  });
}
