-- The KPIs of initiative 9.

-- 9.1 video.covered_road_share
WITH q AS (
    SELECT period, 100.0 * covered / length AS value
    FROM (
        SELECT period, sum(covered_m) AS covered FROM quarters
        JOIN video.camera_zones ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day) GROUP BY 1
    ) JOIN (
        SELECT period, sum(length_m) AS length FROM quarters
        JOIN roads.segments ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day) GROUP BY 1
    ) USING (period)
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 9.2 video.violation_rate
WITH m AS (
    SELECT period, 1000.0 * coalesce(any_value(n), 0) / sum(vehicles) AS value
    FROM months JOIN city.profile ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (SELECT month(day) AS period, count(*) AS n FROM video.violations WHERE year = 2026 GROUP BY 1) USING (period)
    GROUP BY 1
)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 9.3 video.automatic_violation_share
SELECT month(day) AS period, 100.0 * count(*) FILTER (automatic) / count(*) AS value
FROM video.violations WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 9.4 video.mean_notice_time
SELECT month(day) AS period, avg(date_diff('microsecond', detected_at, notified_at)) / 60e6 AS value
FROM video.violations WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 9.5 video.paid_fine_share
SELECT month(term_ends_on) AS period, 100.0 * count(paid_on) / count(*) AS value
FROM video.fines WHERE term_ends_on BETWEEN DATE '2026-01-01' AND DATE '2026-12-31'
GROUP BY ROLLUP (month(term_ends_on));

-- 9.6 video.incidents_per_month
WITH m AS (
    SELECT period, count(incident_id) AS value
    FROM months LEFT JOIN video.incidents ON month(day) = period AND year = 2026 AND system = 'video' AND automatic
      AND coalesce(verdict, '') <> 'false_alarm'
      AND kind IN ('fight', 'crowd', 'left_object', 'fire_or_smoke', 'intrusion', 'vandalism', 'wanted_person',
          'wanted_vehicle', 'road_accident', 'person_down', 'traffic_violation')
    GROUP BY 1
)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 9.7 video.analysed_video_share
SELECT month(day) AS period, 100.0 * sum(analysed_minutes) / sum(recorded_minutes) AS value
FROM video.camera_days WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 9.8 video.mean_response_time
SELECT month(day) AS period, avg(date_diff('microsecond', detected_at, responded_at)) / 60e6 AS value
FROM video.incidents WHERE year = 2026 AND system = 'video' AND coalesce(verdict, '') <> 'false_alarm'
GROUP BY ROLLUP (month(day));

-- 9.9 video.false_alarm_share
SELECT month(day) AS period, 100.0 * count(*) FILTER (verdict = 'false_alarm') / count(*) AS value
FROM video.incidents WHERE year = 2026 AND verdict IS NOT NULL
GROUP BY ROLLUP (month(day));
