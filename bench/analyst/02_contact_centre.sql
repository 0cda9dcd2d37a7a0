-- The KPIs of initiative 2.

-- 2.1 contact_centre.mean_wait
SELECT month(day) AS period, avg(date_diff('microsecond', queued_at, answered_at)) / 1e6 AS value
FROM contact_centre.calls WHERE year = 2026 AND NOT bot
GROUP BY ROLLUP (month(day));

-- 2.2 contact_centre.first_contact_share
SELECT month(day) AS period, 100.0 * count(*) FILTER (contacts = 1 AND status = 'resolved') / count(*) AS value
FROM contact_centre.appeals WHERE year = 2026 AND NOT spam AND contacts IS NOT NULL
GROUP BY ROLLUP (month(day));

-- 2.3 contact_centre.satisfaction
SELECT month(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'contact_centre'
GROUP BY ROLLUP (month(day));

-- 2.4 contact_centre.appeals_per_month
WITH m AS (SELECT month(day) AS period, count(*) AS value FROM contact_centre.appeals WHERE year = 2026 AND NOT spam GROUP BY 1)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 2.5 contact_centre.forwarded_share
SELECT month(day) AS period, 100.0 * count(*) FILTER (forwarded) / count(*) AS value
FROM contact_centre.appeals WHERE year = 2026 AND NOT spam AND forwarded IS NOT NULL
GROUP BY ROLLUP (month(day));

-- 2.6 contact_centre.mean_resolution_time
SELECT month(closed_at_day) AS period, avg(date_diff('microsecond', received_at, closed_at)) / 3600e6 AS value
FROM contact_centre.appeals
WHERE closed_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND NOT spam AND status = 'resolved'
GROUP BY ROLLUP (month(closed_at_day));

-- 2.7 contact_centre.repeat_share
SELECT month(day) AS period,
    100.0 * count(*) FILTER ((citizen IS NOT NULL AND received_at - same_citizen <= INTERVAL 30 DAY) OR (address IS NOT NULL AND received_at - same_address <= INTERVAL 30 DAY)) / count(*) AS value
FROM (
        SELECT day, year, received_at, citizen, address,
               lag(received_at) OVER (PARTITION BY citizen, topic ORDER BY received_at) AS same_citizen,
               lag(received_at) OVER (PARTITION BY address, topic ORDER BY received_at) AS same_address
        FROM contact_centre.appeals WHERE NOT spam
) WHERE year = 2026
GROUP BY ROLLUP (month(day));
