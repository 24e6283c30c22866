import type { z } from '@hono/zod-openapi';
import type { ShopScope } from '../db/queries/shop-scope.ts';
import type { Column } from '../exports/columns.ts';
import type { AnyListing } from '../exports/listing.ts';
import type { ShopRecord } from './dependencies.ts';
import type { Principal, Scope } from './principal.ts';

/** Which rows of a listing somebody asked for. */
export interface SelectedList {
  /** Null for lists that belong to no shop; so is the scope. */
  shop: ShopRecord | null;
  scope: ShopScope | null;
  /** Of the listing; plain JSON. */
  selection: unknown;
  /** Fields that are in none of its rows, or in no file. */
  leftOut?: readonly string[];
}

/** A list route as exports know it. */
export interface ExportableList {
  /** With `{name}` for each parameter. */
  path: string;
  scope: Scope;
  params: z.ZodObject;
  query: z.ZodObject;
  /** Filters that no name of a file shows. */
  unnamed: readonly string[];
  columns: readonly Column[];
  listing: AnyListing;
  /** Refuses whoever may not see the list. Gets what the two schemas have read. */
  select(input: {
    principal: Principal;
    params: Record<string, unknown>;
    query: Record<string, unknown>;
  }): Promise<SelectedList>;
}

/** The columns of a file of a selection. */
export function shownColumns({ columns }: ExportableList, { leftOut = [] }: SelectedList): Column[] {
  return columns.filter(({ path: [field = ''] }) => !leftOut.includes(field));
}

/** The list routes of an API, to be found by the path of a request. */
export class ListDirectory {
  readonly #lists: { pattern: RegExp; list: ExportableList }[] = [];

  add(list: ExportableList): void {
    const pattern = list.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    this.#lists.push({ pattern: new RegExp(`^${pattern}$`), list });
  }

  /** Null where no list with rows has this path; parameters are as they stand in it, decoded. */
  find(path: string): { list: ExportableList; params: Record<string, string> } | null {
    for (const { pattern, list } of this.#lists) {
      const match = pattern.exec(path);
      if (match === null) continue;
      const params = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decode(value)]);
      return { list, params: Object.fromEntries(params) };
    }
    return null;
  }

  paths(): string[] {
    return this.#lists.map(({ list }) => list.path);
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
