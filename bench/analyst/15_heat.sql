-- The KPIs of initiative 15.

-- 15.1 heat.smart_meter_share
WITH q AS (
    SELECT period, 100.0 * count(*) FILTER (house_meter = 'smart' AND reported) / count(*) AS value
    FROM quarters JOIN heat.buildings ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT DISTINCT period, building_id, true AS reported FROM quarters
        JOIN heat.readings ON day BETWEEN last_day - 6 AND last_day WHERE automatic
    ) USING (period, building_id)
    GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 15.2 heat.mean_restoration_time
SELECT month(restored_at_day) AS period, avg(date_diff('microsecond', started_at, restored_at)) / 60e6 AS value
FROM heat.outages WHERE restored_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND NOT planned
GROUP BY ROLLUP (month(restored_at_day));

-- 15.3 heat.automatic_metering_share
SELECT month(day) AS period, 100.0 * sum(volume) FILTER (basis = 'automatic') / sum(volume) AS value
FROM heat.consumption WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 15.4 heat.complaint_rate
WITH m AS (
    SELECT period, 1000.0 * coalesce(any_value(n), 0) / sum(population) AS value
    FROM months JOIN city.profile ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT month(day) AS period, count(*) AS n FROM contact_centre.appeals
        WHERE year = 2026 AND topic = 'heat' AND NOT spam GROUP BY 1
    ) USING (period)
    GROUP BY 1
)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 15.5 heat.satisfaction
SELECT quarter(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'heat'
GROUP BY ROLLUP (quarter(day));
