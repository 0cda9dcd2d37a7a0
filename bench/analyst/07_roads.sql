-- The KPIs of initiative 7.

-- 7.1 roads.good_surface_share
WITH q AS (
    SELECT period, 100.0 * coalesce(sum(length_m) FILTER (condition = 'good'), 0) / sum(length_m) AS value
    FROM quarters JOIN roads.segments ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day) GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 7.2 roads.defect_rate
WITH m AS (
    SELECT period, 100000.0 * coalesce(any_value(n), 0) / sum(length_m) AS value
    FROM months JOIN roads.segments ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT month(day) AS period, count(*) AS n FROM roads.defects WHERE year = 2026 AND duplicate_of IS NULL GROUP BY 1
    ) USING (period)
    GROUP BY 1
)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 7.3 roads.mean_repair_time
SELECT month(fixed_at_day) AS period, avg(date_diff('microsecond', found_at, fixed_at)) / 86400e6 AS value
FROM roads.defects
WHERE fixed_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND duplicate_of IS NULL
GROUP BY ROLLUP (month(fixed_at_day));

-- 7.4 roads.monitored_share
WITH q AS (
    SELECT period, 100.0 * coalesce(sum(length_m) FILTER (has_sensors AND sends_data AND alive >= 0.9 * minutes), 0)
        / sum(length_m) AS value
    FROM quarters JOIN roads.segments ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT quarter(day) AS period, segment_id, sum(minutes_alive) AS alive
        FROM roads.segment_device_days WHERE year = 2026 GROUP BY ALL
    ) USING (period, segment_id)
    GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 7.5 roads.complaint_rate
WITH m AS (
    SELECT period, 1000.0 * coalesce(any_value(n), 0) / sum(population) AS value
    FROM months JOIN city.profile ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT month(day) AS period, count(*) AS n FROM contact_centre.appeals
        WHERE year = 2026 AND topic IN ('roads', 'potholes') AND NOT spam GROUP BY 1
    ) USING (period)
    GROUP BY 1
)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 7.6 roads.satisfaction
SELECT quarter(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'roads'
GROUP BY ROLLUP (quarter(day));

-- 7.7 roads.planned_repair_share
SELECT NULL AS period, 100.0 * sum(least(done_m, planned_m)) / sum(planned_m) AS value
FROM roads.repair_plan WHERE year = 2026;
