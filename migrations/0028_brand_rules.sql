-- The brand of a product that TikTok names none of, by rules that look for it in the product's name.

create table brand_rules (
  shop_id text collate "C" not null,
  position smallint not null,
  rule jsonb not null,
  primary key (shop_id, position)
);
comment on table brand_rules is 'The first rule that finds a brand in the name of a product decides; see src/brands/brand-rule.ts.';

alter table products add column brand_by_rule text,
  add column brand text generated always as (coalesce(nullif(brand_name, ''), brand_by_rule)) stored;
comment on column products.brand_name is 'As TikTok names it.';
comment on column products.brand_by_rule is 'What the shop''s brand rules find in the title, kept in step with both; null where nothing.';
comment on column products.brand is 'The brand that every list, filter and sum goes by: TikTok''s, else the one found by rule.';
create index products_by_brand on products (shop_id, lower(brand));
