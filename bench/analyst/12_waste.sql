-- The KPIs of initiative 12.

-- 12.1 waste.separate_share
SELECT month(day) AS period, 100.0 * sum(mass_kg) FILTER (stream = 'separate') / sum(mass_kg) AS value
FROM waste.weighings WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 12.2 waste.recycled_share
SELECT month(day) AS period, 100.0 * sum(mass_kg) FILTER (destination = 'recycled') / sum(mass_kg) AS value
FROM waste.weighings WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 12.3 waste.complaint_rate
WITH m AS (
    SELECT period, 1000.0 * coalesce(any_value(n), 0) / sum(population) AS value
    FROM months JOIN city.profile ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT month(day) AS period, count(*) AS n FROM contact_centre.appeals
        WHERE year = 2026 AND topic = 'waste' AND NOT spam GROUP BY 1
    ) USING (period)
    GROUP BY 1
)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 12.4 waste.monitored_site_share
WITH q AS (
    SELECT period, 100.0 * count(*) FILTER (monitored AND alive >= 0.9 * minutes) / count(*) AS value
    FROM quarters JOIN waste.sites ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT quarter(day) AS period, site_id, sum(minutes_alive) AS alive FROM waste.site_device_days WHERE year = 2026 GROUP BY ALL
    ) USING (period, site_id)
    GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 12.5 waste.mean_emptying_time
SELECT month(day) AS period, avg(date_diff('microsecond', full_at, emptied_at)) / 3600e6 AS value
FROM waste.emptyings WHERE year = 2026 AND fill >= 0.8
GROUP BY ROLLUP (month(day));

-- 12.6 waste.satisfaction
SELECT quarter(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'waste'
GROUP BY ROLLUP (quarter(day));
