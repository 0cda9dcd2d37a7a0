-- The KPIs of initiative 4.

-- 4.1 transport.mean_wait
SELECT month(day) AS period, sum(b * hh / (2 * h)) / sum(b) / 60 AS value
FROM (
        SELECT day, stop_id, hour, sum(headway_s) AS h, sum(headway_s * headway_s) AS hh, sum(boardings) AS b
        FROM transport.stop_visits WHERE year = 2026 AND headway_s IS NOT NULL GROUP BY ALL
)
GROUP BY ROLLUP (month(day));

-- 4.2 transport.on_time_share
SELECT month(day) AS period,
    100.0 * count(*) FILTER (date_diff('microsecond', scheduled_at, arrived_at) BETWEEN -60000000 AND 300000000) / count(*) AS value
FROM transport.stop_visits WHERE year = 2026 AND time_point
GROUP BY ROLLUP (month(day));

-- 4.3 transport.passengers_per_month
WITH m AS (SELECT month(day) AS period, count(*) AS value FROM transport.boardings WHERE year = 2026 GROUP BY 1)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 4.4 transport.integrated_modes
WITH q AS (
    SELECT quarter(day) AS period, count(DISTINCT mode) AS value
    FROM transport.mode_exchanges WHERE year = 2026 AND messages > 0 GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 4.5 transport.cashless_share
SELECT month(day) AS period, 100.0 * count(*) FILTER (payment <> 'cash') / count(*) AS value
FROM transport.boardings WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 4.6 transport.satisfaction
SELECT quarter(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'transport'
GROUP BY ROLLUP (quarter(day));

-- 4.7 transport.accident_rate
SELECT period, 1e6 * coalesce(sum(a), 0) / sum(n) AS value
FROM (SELECT month(day) AS period, count(*) AS n FROM transport.boardings WHERE year = 2026 GROUP BY 1)
LEFT JOIN (
    SELECT month(day) AS period, count(*) AS a FROM transport.accidents
    WHERE year = 2026 AND kind IN ('collision', 'pedestrian_hit', 'passenger_injury', 'fire', 'derailment', 'door_failure',
        'brake_failure', 'breakdown')
    GROUP BY 1
) USING (period)
GROUP BY ROLLUP (period);
