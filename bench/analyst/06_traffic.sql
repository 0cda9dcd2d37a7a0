-- The KPIs of initiative 6. Peak hours are the city's own; days off in 2026 are those of Kazakhstan.

-- 6.1 traffic.peak_speed
SELECT month(day) AS period, sum(speed_kmh * seconds) / sum(seconds) AS value
FROM traffic.corridor_speeds
WHERE year = 2026 AND hour IN (7, 8, 9, 17, 18, 19) AND isodow(day) <= 5 AND day NOT IN (
        DATE '2026-01-01', DATE '2026-01-02', DATE '2026-01-07', DATE '2026-03-08', DATE '2026-03-09', DATE '2026-03-21',
        DATE '2026-03-22', DATE '2026-03-23', DATE '2026-03-24', DATE '2026-03-25', DATE '2026-05-01', DATE '2026-05-07',
        DATE '2026-05-09', DATE '2026-05-11', DATE '2026-05-27', DATE '2026-07-06', DATE '2026-10-25', DATE '2026-10-26',
        DATE '2026-12-16')
GROUP BY ROLLUP (month(day));

-- 6.2 traffic.mean_travel_time
SELECT month(day) AS period, avg(date_diff('microsecond', started_at, finished_at)) / 60e6 AS value
FROM traffic.trips WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 6.3 traffic.jam_share
SELECT month(day) AS period, 100.0 * sum(seconds) FILTER (speed_kmh < 0.5 * free_flow_kmh) / sum(seconds) AS value
FROM traffic.corridor_speeds
WHERE year = 2026 AND hour IN (7, 8, 9, 17, 18, 19) AND isodow(day) <= 5 AND day NOT IN (
        DATE '2026-01-01', DATE '2026-01-02', DATE '2026-01-07', DATE '2026-03-08', DATE '2026-03-09', DATE '2026-03-21',
        DATE '2026-03-22', DATE '2026-03-23', DATE '2026-03-24', DATE '2026-03-25', DATE '2026-05-01', DATE '2026-05-07',
        DATE '2026-05-09', DATE '2026-05-11', DATE '2026-05-27', DATE '2026-07-06', DATE '2026-10-25', DATE '2026-10-26',
        DATE '2026-12-16')
GROUP BY ROLLUP (month(day));

-- 6.4 traffic.accident_rate
SELECT NULL AS period, 10000.0 * count(*) / (
    SELECT sum(vehicles) FROM city.profile
    WHERE valid_from <= DATE '2026-01-01' AND (valid_to IS NULL OR valid_to >= DATE '2026-01-01')) AS value
FROM traffic.accidents
WHERE year = 2026 AND kind IN ('collision', 'rollover', 'obstacle', 'pedestrian', 'cyclist', 'parked_vehicle', 'passenger_fall',
    'animal', 'other');

-- 6.5 traffic.automated_signal_share
WITH q AS (
    SELECT period, 100.0 * count(*) FILTER (networked AND adaptive AND detects_traffic AND alive >= 0.9 * minutes) / count(*) AS value
    FROM quarters JOIN traffic.signals ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    LEFT JOIN (
        SELECT quarter(day) AS period, signal_id, sum(minutes_alive) AS alive FROM traffic.signal_days WHERE year = 2026 GROUP BY ALL
    ) USING (period, signal_id)
    GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 6.6 traffic.satisfaction
SELECT quarter(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'traffic'
GROUP BY ROLLUP (quarter(day));

-- 6.7 traffic.mean_clearance_time
SELECT month(cleared_at_day) AS period, avg(date_diff('microsecond', detected_at, cleared_at)) / 60e6 AS value
FROM traffic.incidents
WHERE cleared_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31'
      AND kind IN ('accident', 'breakdown', 'obstruction', 'signal_failure', 'flooding', 'ice', 'other')
GROUP BY ROLLUP (month(cleared_at_day));
