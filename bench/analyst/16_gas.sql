-- The KPIs of initiative 16.

-- 16.1 gas.smart_meter_share
WITH q AS (
    SELECT period, 100.0 * count(*) FILTER (house_meter = 'smart' AND reported) / count(*) AS value
    FROM quarters JOIN gas.buildings ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT DISTINCT period, building_id, true AS reported FROM quarters
        JOIN gas.readings ON day BETWEEN last_day - 6 AND last_day WHERE automatic
    ) USING (period, building_id)
    GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 16.2 gas.mean_restoration_time
SELECT period, sum(us) / sum(n) / 60e6 AS value
FROM (
    SELECT month(restored_at_day) AS period, sum(epoch_us(restored_at) - epoch_us(started_at)) AS us, count(*) AS n
    FROM gas.outages WHERE restored_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND NOT planned GROUP BY 1
) GROUP BY ROLLUP (period);

-- 16.3 gas.automatic_metering_share
SELECT period, 100.0 * sum(automatic) / sum(volume) AS value
FROM (
    SELECT month(day) AS period, sum(volume) FILTER (basis = 'automatic') AS automatic, sum(volume) AS volume
    FROM gas.consumption WHERE year = 2026 GROUP BY 1
) GROUP BY ROLLUP (period);

-- 16.4 gas.complaint_rate
WITH m AS (
    SELECT period, 1000.0 * coalesce(any_value(n), 0) / sum(population) AS value
    FROM months JOIN city.profile ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT month(day) AS period, count(*) AS n FROM contact_centre.appeals
        WHERE year = 2026 AND topic = 'gas' AND NOT spam GROUP BY 1
    ) USING (period)
    GROUP BY 1
)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 16.5 gas.satisfaction
SELECT period, sum(marks) / sum(n) AS value
FROM (
    SELECT quarter(day) AS period, sum(mark) AS marks, count(mark) AS n
    FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'gas' GROUP BY 1
) GROUP BY ROLLUP (period);
