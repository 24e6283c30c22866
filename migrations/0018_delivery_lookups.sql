-- What shares an event's id is found by it alone; which of these the platform takes for one depends on the settings.

drop index deliveries_by_platform_event;
drop index deliveries_by_event;
create index deliveries_by_event on deliveries (event_id, destination_id);
