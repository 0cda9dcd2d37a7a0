-- The KPIs of initiative 5.

-- 5.1 parking.automated_share
WITH q AS (
    SELECT period, 100.0 * count(*) FILTER (counts_spaces AND takes_online_payment AND alive >= 0.9 * minutes) / count(*) AS value
    FROM quarters JOIN parking.lots ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT quarter(day) AS period, lot_id, sum(minutes_alive) AS alive FROM parking.device_days WHERE year = 2026 GROUP BY ALL
    ) USING (period, lot_id)
    GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 5.2 parking.occupancy
SELECT month(day) AS period, 100.0 * sum(occupied) / sum(spaces) AS value
FROM parking.occupancy WHERE year = 2026 AND paid_hours
GROUP BY ROLLUP (month(day));

-- 5.3 parking.mean_search_time
SELECT month(day) AS period, avg(date_diff('microsecond', entered_zone_at, parked_at)) / 60e6 AS value
FROM parking.sessions WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 5.4 parking.online_payment_share
SELECT month(day) AS period,
    100.0 * count(*) FILTER (paid_by IN ('app', 'web', 'sms', 'qr', 'autopay')) / count(*) AS value
FROM parking.sessions WHERE year = 2026 AND paid_by NOT IN ('permit', 'unpaid')
GROUP BY ROLLUP (month(day));

-- 5.5 parking.complaint_share
SELECT period, 100.0 * coalesce(sum(complaints), 0) / sum(users) AS value
FROM (SELECT month(day) AS period, count(DISTINCT vehicle) AS users FROM parking.sessions WHERE year = 2026 GROUP BY 1)
LEFT JOIN (
    SELECT month(day) AS period, count(*) AS complaints FROM contact_centre.appeals
    WHERE year = 2026 AND topic = 'parking' AND NOT spam GROUP BY 1
) USING (period)
GROUP BY ROLLUP (period);

-- 5.6 parking.satisfaction
SELECT quarter(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'parking'
GROUP BY ROLLUP (quarter(day));

-- 5.7 parking.violation_rate
WITH m AS (
    SELECT period, 1000.0 * coalesce(any_value(n), 0) / sum(spaces) AS value
    FROM months JOIN parking.lots ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (SELECT month(day) AS period, count(*) AS n FROM parking.violations WHERE year = 2026 GROUP BY 1) USING (period)
    GROUP BY 1
)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;
