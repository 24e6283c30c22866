import type { FormEvent } from 'react';
import { addressWith, goTo } from '../use-address.ts';
import type { FiguresList, FilterName } from './list-declarations.tsx';

const labels: Record<FilterName, string> = {
  search: 'Name or id',
  status: 'Status',
  min_gmv: 'GMV at least',
  brand: 'Brand',
  stock_below: 'Stock below',
};
export const filterNames = Object.keys(labels) as FilterName[];

/** What narrows a list; it is kept in the address. */
export function ListFilters({ list, query }: { list: FiguresList; query: URLSearchParams }) {
  const given = filterNames.filter((name) => query.has(name));
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const value = (name: FilterName): string | null => String(form.get(name) ?? '').trim() || null;
    goTo(addressWith(Object.fromEntries(filterNames.map((name) => [name, value(name)]))));
  };
  return (
    <form className="controls filters" onSubmit={apply} aria-label="Filter the list" key={`${query}`}>
      {list.filters.map((name) => (
        <label key={name} htmlFor={`filter-${name}`}>
          {labels[name]}
          <Field name={name} value={query.get(name) ?? ''} />
        </label>
      ))}
      <button type="submit" className="button">
        Filter
      </button>
      {given.length > 0 && (
        <button
          type="button"
          className="link"
          onClick={() => goTo(addressWith(Object.fromEntries(given.map((name) => [name, null]))))}
        >
          Clear filters
        </button>
      )}
    </form>
  );
}

function Field({ name, value }: { name: FilterName; value: string }) {
  const field = { id: `filter-${name}`, name, defaultValue: value };
  if (name === 'status') {
    return (
      <select {...field}>
        <option value="">Any</option>
        <option value="live">Live</option>
        <option value="hidden">Hidden</option>
      </select>
    );
  }
  if (name === 'min_gmv') {
    return (
      <input
        {...field}
        size={9}
        inputMode="decimal"
        pattern="\d{1,15}(\.\d{1,6})?"
        title="An amount such as 24.90"
      />
    );
  }
  if (name === 'stock_below') {
    return (
      <input {...field} size={7} inputMode="numeric" pattern="\d{1,9}" title="A whole number such as 20" />
    );
  }
  return <input {...field} size={16} maxLength={200} />;
}
