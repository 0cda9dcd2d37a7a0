-- The KPIs of initiative 8.

-- 8.1 stops.smart_share
WITH q AS (
    SELECT period, 100.0 * count(*) FILTER (
        display AND live_arrivals AND (wifi OR video OR emergency_button) AND alive >= 0.9 * minutes) / count(*) AS value
    FROM quarters JOIN stops.stops ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT quarter(day) AS period, stop_id, sum(minutes_alive) AS alive FROM stops.stop_device_days WHERE year = 2026 GROUP BY ALL
    ) USING (period, stop_id)
    GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 8.2 stops.mean_wait
SELECT month(day) AS period, sum(b * hh / (2 * h)) / sum(b) / 60 AS value
FROM (
        SELECT day, stop_id, hour, sum(headway_s) AS h, sum(headway_s * headway_s) AS hh, sum(boardings) AS b
        FROM transport.stop_visits WHERE year = 2026 AND headway_s IS NOT NULL GROUP BY ALL
)
GROUP BY ROLLUP (month(day));

-- 8.3 stops.display_share
WITH q AS (
    SELECT period, 100.0 * count(*) FILTER (display) / count(*) AS value
    FROM quarters JOIN stops.stops ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day) GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 8.4 stops.wifi_share
WITH q AS (
    SELECT period, 100.0 * count(*) FILTER (wifi) / count(*) AS value
    FROM quarters JOIN stops.stops ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day) GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 8.5 stops.complaint_rate
SELECT period, 1000.0 * coalesce(sum(complaints), 0) / sum(n) AS value
FROM (SELECT month(day) AS period, count(*) AS n FROM transport.boardings WHERE year = 2026 GROUP BY 1)
LEFT JOIN (
    SELECT month(day) AS period, count(*) AS complaints FROM contact_centre.appeals
    WHERE year = 2026 AND topic = 'stops' AND NOT spam GROUP BY 1
) USING (period)
GROUP BY ROLLUP (period);

-- 8.6 stops.satisfaction
SELECT quarter(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'stops'
GROUP BY ROLLUP (quarter(day));

-- 8.7 stops.video_share
WITH q AS (
    SELECT period, 100.0 * count(*) FILTER (video) / count(*) AS value
    FROM quarters JOIN stops.stops ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day) GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;
