-- Percentages are 0 to 100 everywhere; these two were kept as the fractions of one that TikTok sends.

update analytics_shop set conversion_rate = conversion_rate * 100 where conversion_rate is not null;
update analytics_videos set click_through_rate = click_through_rate * 100 where click_through_rate is not null;
update analytics_restatements set old = old * 100, new = new * 100
  where (stream = 'shop' and field = 'conversion_rate') or (stream = 'videos' and field = 'click_through_rate');
