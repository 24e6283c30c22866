-- What of conversions is still to be purged, so that looking for it does not read everything that was.

create index conversion_events_sealed on conversion_events (accepted_at) where sealed is not null;
create index webhook_events_kept on webhook_events (received_at) where body is not null;
create index delivery_requests_kept on delivery_requests (sent_at) where request_body is not null or response_body is not null;
