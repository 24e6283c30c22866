-- What TikTok sends that it does not document, and what is known of records that were set aside.

create table drift_findings (
  shop_id text collate "C" not null,
  stream text not null,
  path text collate "C" not null,
  kind text not null check (kind in ('unknown', 'missing', 'retyped', 'new_value')),
  samples text[] not null,
  occurrences bigint not null,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (shop_id, stream, path, kind)
);
comment on table drift_findings is 'Unknown, missing and retyped fields and new codes, once each. Samples are shapes, never what a field held, but for codes of code fields. Occurrences are counted behind the writes: a worker that is killed forgets those of its last minute.';

alter table quarantined_records add column observed_at timestamptz;
update quarantined_records set observed_at = (select observed_at from raw_pages where page_id = quarantined_records.page_id);
update quarantined_records set observed_at = last_seen_at where observed_at is null;
alter table quarantined_records alter column observed_at set not null;
comment on column quarantined_records.observed_at is 'Upstream''s clock when this version was read: an older read neither replaces nor releases it.';
create index quarantined_records_by_age on quarantined_records (shop_id, stream, first_seen_at desc, record_id desc);
