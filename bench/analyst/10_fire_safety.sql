-- The KPIs of initiative 10.

-- 10.1 fire_safety.mean_departure_time
SELECT month(day) AS period, avg(date_diff('microsecond', received_at, departed_at)) / 60e6 AS value
FROM fire_safety.calls WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 10.2 fire_safety.on_time_share
SELECT month(due_at_day) AS period, 100.0 * count(*) FILTER (departed_at <= due_at) / count(*) AS value
FROM fire_safety.calls WHERE due_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31'
GROUP BY ROLLUP (month(due_at_day));

-- 10.3 fire_safety.false_alarm_share
SELECT month(day) AS period, 100.0 * count(*) FILTER (false_alarm) / count(*) AS value
FROM fire_safety.calls WHERE year = 2026 AND false_alarm IS NOT NULL
GROUP BY ROLLUP (month(day));

-- 10.4 fire_safety.automatic_alert_share
SELECT month(day) AS period, 100.0 * count(*) FILTER (automatic) / count(*) AS value
FROM fire_safety.alerts WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 10.5 fire_safety.repeat_call_share
SELECT month(day) AS period,
    100.0 * count(*) FILTER (object_id IS NOT NULL AND received_at - previous <= INTERVAL 30 DAY) / count(*) AS value
FROM (
        SELECT day, year, received_at, object_id, lag(received_at) OVER (PARTITION BY object_id ORDER BY received_at) AS previous
        FROM fire_safety.calls
) WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 10.6 fire_safety.equipped_share
WITH q AS (
    SELECT period, 100.0 * sum(equipped) / sum(objects) AS value
    FROM quarters JOIN fire_safety.objects ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day) GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 10.7 fire_safety.satisfaction
SELECT quarter(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'fire_safety'
GROUP BY ROLLUP (quarter(day));
