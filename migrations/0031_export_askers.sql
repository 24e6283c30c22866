-- Who asked for an export may stop it; others need the scope that steers runs.

alter table exports add column asked_by text;
comment on column exports.asked_by is 'The id of the key; null for the key of the environment, and for exports of before this was kept.';
