-- The KPIs of initiative 4.

-- 4.1 transport.mean_wait
SELECT period, sum(waited) / sum(b) / 60 AS value
FROM (
    SELECT month(day) AS period, sum(b * hh / (2 * h)) AS waited, sum(b) AS b
    FROM (
        SELECT day, stop_id, hour, sum(headway_s) AS h, sum(headway_s * headway_s) AS hh, sum(boardings) AS b
        FROM transport.stop_visits WHERE year = 2026 AND headway_s IS NOT NULL GROUP BY ALL
    ) GROUP BY 1
) GROUP BY ROLLUP (period);

-- 4.2 transport.on_time_share
SELECT period, 100.0 * sum(on_time) / sum(n) AS value
FROM (
    SELECT month(day) AS period, count(*) AS n,
           count(*) FILTER (epoch_us(arrived_at) - epoch_us(scheduled_at) BETWEEN -60000000 AND 300000000) AS on_time
    FROM transport.stop_visits WHERE year = 2026 AND time_point GROUP BY 1
) GROUP BY ROLLUP (period);

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
SELECT period, 100.0 * sum(cashless) / sum(n) AS value
FROM (
    SELECT month(day) AS period, count(*) FILTER (payment <> 'cash') AS cashless, count(*) AS n
    FROM transport.boardings WHERE year = 2026 GROUP BY 1
) GROUP BY ROLLUP (period);

-- 4.6 transport.satisfaction
SELECT period, sum(marks) / sum(n) AS value
FROM (
    SELECT quarter(day) AS period, sum(mark) AS marks, count(mark) AS n
    FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'transport' GROUP BY 1
) GROUP BY ROLLUP (period);

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
