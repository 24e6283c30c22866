-- A search for a product's name or seller SKU mostly holds what no id or number has, and need not read them.
alter table order_day_words add column is_plain boolean not null
  generated always as (words collate "C" !~ '[^0-9a-z\t\n]') stored;
comment on column order_day_words.is_plain is 'Whether the ids and numbers are made of digits and Latin letters alone.';
