-- The KPIs of initiative 2.

-- 2.1 contact_centre.mean_wait
SELECT period, sum(us) / sum(n) / 1e6 AS value
FROM (
    SELECT month(day) AS period, sum(epoch_us(answered_at) - epoch_us(queued_at)) AS us, count(answered_at) AS n
    FROM contact_centre.calls WHERE year = 2026 AND NOT bot GROUP BY 1
) GROUP BY ROLLUP (period);

-- 2.2 contact_centre.first_contact_share
SELECT period, 100.0 * sum(first) / sum(n) AS value
FROM (
    SELECT month(day) AS period, count(*) FILTER (contacts = 1 AND status = 'resolved') AS first, count(*) AS n
    FROM contact_centre.appeals WHERE year = 2026 AND NOT spam AND contacts IS NOT NULL GROUP BY 1
) GROUP BY ROLLUP (period);

-- 2.3 contact_centre.satisfaction
SELECT period, sum(marks) / sum(n) AS value
FROM (
    SELECT month(day) AS period, sum(mark) AS marks, count(mark) AS n
    FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'contact_centre' GROUP BY 1
) GROUP BY ROLLUP (period);

-- 2.4 contact_centre.appeals_per_month
WITH m AS (SELECT month(day) AS period, count(*) AS value FROM contact_centre.appeals WHERE year = 2026 AND NOT spam GROUP BY 1)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 2.5 contact_centre.forwarded_share
SELECT period, 100.0 * sum(forwarded) / sum(n) AS value
FROM (
    SELECT month(day) AS period, count(*) FILTER (forwarded) AS forwarded, count(*) AS n
    FROM contact_centre.appeals WHERE year = 2026 AND NOT spam AND forwarded IS NOT NULL GROUP BY 1
) GROUP BY ROLLUP (period);

-- 2.6 contact_centre.mean_resolution_time
SELECT period, sum(us) / sum(n) / 3600e6 AS value
FROM (
    SELECT month(closed_at_day) AS period, sum(epoch_us(closed_at) - epoch_us(received_at)) AS us, count(*) AS n
    FROM contact_centre.appeals
    WHERE closed_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND NOT spam AND status = 'resolved'
    GROUP BY 1
) GROUP BY ROLLUP (period);

-- 2.7 contact_centre.repeat_share
SELECT period, 100.0 * sum(again) / sum(n) AS value
FROM (
    SELECT month(day) AS period, count(*) AS n, count(*) FILTER (
        (citizen IS NOT NULL AND received_at - same_citizen <= INTERVAL 30 DAY)
        OR (address IS NOT NULL AND received_at - same_address <= INTERVAL 30 DAY)) AS again
    FROM (
        SELECT day, year, received_at, citizen, address,
               lag(received_at) OVER (PARTITION BY citizen, topic ORDER BY received_at) AS same_citizen,
               lag(received_at) OVER (PARTITION BY address, topic ORDER BY received_at) AS same_address
        FROM contact_centre.appeals WHERE NOT spam
    ) WHERE year = 2026 GROUP BY 1
) GROUP BY ROLLUP (period);
