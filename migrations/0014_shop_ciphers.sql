-- TikTok's cipher of a shop is encrypted like its tokens. SQL has no key to do it with, so that shops which are
-- connected already have to be connected once more; their orders stay, and nothing of them is erased meanwhile.

update shops set status = 'parked', parked_reason = 'shop-cipher-forgotten', updated_at = now(),
  last_error = jsonb_build_object(
    'code', 'shop-cipher-forgotten',
    'title', 'Tideline now keeps the shop''s cipher encrypted, and has forgotten the one that it kept in clear.',
    'action', 'Connect the shop again; its sync then goes on where it stopped.',
    'request_id', null)
where status = 'active' and shop_cipher is not null;

alter table shops alter column shop_cipher type bytea using null;
comment on column shops.shop_cipher is 'What calls name the shop by, encrypted under the shop''s data key.';
