-- How far typed rows have been rebuilt from raw pages.

create table rebuilds (
  shop_id text collate "C" not null,
  stream text not null,
  done_page_id bigint not null default 0,
  last_page_id bigint not null,
  records_expected bigint not null,
  records bigint not null default 0,
  rebuilt bigint not null default 0,
  changed bigint not null default 0,
  released bigint not null default 0,
  unreadable_pages bigint not null default 0,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (shop_id, stream)
);
comment on table rebuilds is 'The last rebuild of a stream: its cursor (pages up to done_page_id are done) is committed with the rows of each page.';

create index raw_pages_by_shop on raw_pages (shop_id, stream, page_id);
