-- The KPIs of initiative 10.

-- 10.1 fire_safety.mean_departure_time
SELECT period, sum(us) / sum(n) / 60e6 AS value
FROM (
    SELECT month(day) AS period, sum(epoch_us(departed_at) - epoch_us(received_at)) AS us, count(departed_at) AS n
    FROM fire_safety.calls WHERE year = 2026 GROUP BY 1
) GROUP BY ROLLUP (period);

-- 10.2 fire_safety.on_time_share
SELECT period, 100.0 * sum(on_time) / sum(n) AS value
FROM (
    SELECT month(due_at_day) AS period, count(*) FILTER (departed_at <= due_at) AS on_time, count(*) AS n
    FROM fire_safety.calls WHERE due_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' GROUP BY 1
) GROUP BY ROLLUP (period);

-- 10.3 fire_safety.false_alarm_share
SELECT period, 100.0 * sum(false_alarms) / sum(n) AS value
FROM (
    SELECT month(day) AS period, count(*) FILTER (false_alarm) AS false_alarms, count(*) AS n
    FROM fire_safety.calls WHERE year = 2026 AND false_alarm IS NOT NULL GROUP BY 1
) GROUP BY ROLLUP (period);

-- 10.4 fire_safety.automatic_alert_share
SELECT period, 100.0 * sum(automatic) / sum(n) AS value
FROM (
    SELECT month(day) AS period, count(*) FILTER (automatic) AS automatic, count(*) AS n
    FROM fire_safety.alerts WHERE year = 2026 GROUP BY 1
) GROUP BY ROLLUP (period);

-- 10.5 fire_safety.repeat_call_share
SELECT period, 100.0 * sum(again) / sum(n) AS value
FROM (
    SELECT month(day) AS period, count(*) AS n,
           count(*) FILTER (object_id IS NOT NULL AND received_at - previous <= INTERVAL 30 DAY) AS again
    FROM (
        SELECT day, year, received_at, object_id, lag(received_at) OVER (PARTITION BY object_id ORDER BY received_at) AS previous
        FROM fire_safety.calls
    ) WHERE year = 2026 GROUP BY 1
) GROUP BY ROLLUP (period);

-- 10.6 fire_safety.equipped_share
WITH q AS (
    SELECT period, 100.0 * sum(equipped) / sum(objects) AS value
    FROM quarters JOIN fire_safety.objects ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day) GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 10.7 fire_safety.satisfaction
SELECT period, sum(marks) / sum(n) AS value
FROM (
    SELECT quarter(day) AS period, sum(mark) AS marks, count(mark) AS n
    FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'fire_safety' GROUP BY 1
) GROUP BY ROLLUP (period);
