-- Analytics that do not come from the Open API.

alter table sync_runs add column source text not null default 'open_api'
  check (source in ('open_api', 'seller_center', 'workbook'));
comment on column sync_runs.source is 'Of a run of analytics: where its figures come from.';

create table workbook_uploads (
  run_id text collate "C" primary key references sync_runs on delete cascade,
  shop_id text collate "C" not null,
  file_sha256 bytea not null,
  products jsonb not null,
  uploaded_at timestamptz not null default now()
);
comment on table workbook_uploads is 'What an uploaded workbook says of the products of the one day of its run.';
