-- The KPIs of initiative 11.

-- 11.1 greenery.green_area_share
SELECT NULL AS period, 100.0 * sum(area_m2) / (
    SELECT sum(area_m2) FROM city.profile
    WHERE valid_from <= DATE '2026-12-31' AND (valid_to IS NULL OR valid_to >= DATE '2026-12-31')) AS value
FROM greenery.areas WHERE valid_from <= DATE '2026-12-31' AND (valid_to IS NULL OR valid_to >= DATE '2026-12-31');

-- 11.2 greenery.trees_planted
SELECT NULL AS period, sum(trees) AS value FROM greenery.plantings WHERE year = 2026;

-- 11.3 greenery.survival_share
SELECT NULL AS period, 100.0 * sum(coalesce(alive, 0)) / sum(planted) AS value
FROM greenery.survival_checks WHERE year = 2026 AND years_since = 1;

-- 11.4 greenery.irrigated_share
WITH q AS (
    SELECT period, 100.0 * coalesce(sum(area_m2) FILTER (irrigation = 'automatic'), 0) / sum(area_m2) AS value
    FROM quarters JOIN greenery.areas ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day) GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 11.5 greenery.complaint_rate
WITH m AS (
    SELECT period, 1000.0 * coalesce(any_value(n), 0) / sum(population) AS value
    FROM months JOIN city.profile ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT month(day) AS period, count(*) AS n FROM contact_centre.appeals
        WHERE year = 2026 AND topic = 'greenery' AND NOT spam GROUP BY 1
    ) USING (period)
    GROUP BY 1
)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 11.6 greenery.satisfaction
SELECT quarter(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'greenery'
GROUP BY ROLLUP (quarter(day));
