-- The KPIs of initiative 1, one query each, as an analyst writes them who has the tables, a calendar and the order.
-- Every query answers (period, value): months 1-12 (or quarters 1-4) of 2026, and NULL for the year.

-- 1.1 situation_centre.update_delay
SELECT month(day) AS period,
    sum(date_diff('microsecond', registered_at, visible_at) * row_count) / sum(row_count) / 60e6 AS value
FROM situation_centre.updates WHERE year = 2026 AND registered_at IS NOT NULL
GROUP BY ROLLUP (month(day));

-- 1.2 situation_centre.dashboard_availability
SELECT month(day) AS period, 100.0 * count(*) FILTER (failures_in_row < 2) / count(*) AS value
FROM situation_centre.probes WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 1.3 situation_centre.visualisation_types
WITH m AS (
    SELECT period, count(DISTINCT visual_type) AS value
    FROM months JOIN situation_centre.visualisations ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    WHERE on_published_board GROUP BY 1
)
SELECT period, value FROM m UNION ALL SELECT NULL, value FROM m WHERE period = 12;

-- 1.4 situation_centre.update_interval
SELECT period, avg(hours) AS value
FROM (
    SELECT period, category, sum(us) / sum(n) / 3600e6 AS hours
    FROM (
        SELECT month(day) AS period, category, sum(epoch_us(updated_at) - epoch_us(previous_at)) AS us, count(previous_at) AS n
        FROM situation_centre.dataset_updates
        WHERE year = 2026 AND new_rows > 0 AND (
            (category = 'safety' AND dataset_id IN ('situation_centre.incidents', 'situation_centre.emergency_calls',
                'situation_centre.crimes', 'video.incidents', 'fire_safety.calls'))
            OR (category = 'housing' AND dataset_id IN ('contact_centre.appeals', 'power.outages', 'water.outages',
                'heat.outages', 'gas.outages'))
            OR (category = 'ecology' AND dataset_id IN ('situation_centre.air_readings',
                'situation_centre.water_quality_readings', 'situation_centre.noise_readings'))
            OR (category = 'education' AND dataset_id IN ('situation_centre.school_feeds')))
        GROUP BY 1, 2
    ) GROUP BY GROUPING SETS ((period, category), (category))
) GROUP BY period;

-- 1.5 situation_centre.objects_on_map_share
WITH q AS (
    SELECT period, 100.0 * count(*) FILTER (EXISTS (
        SELECT 1 FROM situation_centre.map_objects m
        WHERE m.object_id = o.object_id AND has_geometry AND has_live_data
          AND m.valid_from <= last_day AND (m.valid_to IS NULL OR m.valid_to >= last_day))) / count(*) AS value
    FROM quarters JOIN situation_centre.critical_objects o
      ON valid_from <= last_day AND (valid_to IS NULL OR valid_to >= last_day)
    WHERE object_kind IN ('health', 'school', 'fire_station', 'heat', 'water', 'power', 'bridge', 'vulnerable_site')
    GROUP BY 1
)
SELECT period, value FROM q UNION ALL SELECT NULL, value FROM q WHERE period = 4;

-- 1.6 situation_centre.map_layers
SELECT NULL AS period, count(*) AS value
FROM situation_centre.layers
WHERE features > 0 AND within_cadence
  AND valid_from <= DATE '2026-12-31' AND (valid_to IS NULL OR valid_to >= DATE '2026-12-31');

-- 1.7 situation_centre.automatic_incident_share
SELECT month(closed_at_day) AS period, 100.0 * count(*) FILTER (human_acts = 0 AND NOT reopened) / count(*) AS value
FROM situation_centre.incidents WHERE closed_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31'
GROUP BY ROLLUP (month(closed_at_day));

-- 1.8 situation_centre.answered_in_time_share
SELECT month(day) AS period,
    100.0 * count(*) FILTER (date_diff('microsecond', queued_at, answered_at) <= 30e6::BIGINT) / count(*) AS value
FROM contact_centre.calls
WHERE year = 2026 AND NOT bot AND (answered_at IS NOT NULL OR abandoned_at IS NULL
        OR date_diff('microsecond', queued_at, abandoned_at) > 5e6::BIGINT)
GROUP BY ROLLUP (month(day));

-- 1.9 situation_centre.appeals_on_time_share
SELECT month(deadline_at_day) AS period,
    100.0 * count(*) FILTER (status = 'resolved' AND closed_at <= deadline_at) / count(*) AS value
FROM contact_centre.appeals
WHERE deadline_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND NOT spam
GROUP BY ROLLUP (month(deadline_at_day));

-- 1.10 situation_centre.satisfaction_after_closing
SELECT month(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'appeal_closing'
GROUP BY ROLLUP (month(day));

-- 1.11 situation_centre.emergency_arrival_share
SELECT month(day) AS period,
    100.0 * count(*) FILTER (date_diff('microsecond', received_at, arrived_at) <= 6 * 60000000) / count(*) AS value
FROM situation_centre.emergency_calls
WHERE year = 2026 AND service IN ('fire', 'ambulance') AND urgency_class IN ('fire', 'rescue', 'urgency_1') AND NOT cancelled
GROUP BY ROLLUP (month(day));

-- 1.12 situation_centre.major_incident_change
SELECT month(day) AS period,
    100.0 * (count(*) FILTER (year = 2026) - count(*) FILTER (year = 2025)) / nullif(count(*) FILTER (year = 2025), 0) AS value
FROM situation_centre.incidents WHERE severity IN ('major', 'critical') AND year IN (2025, 2026)
GROUP BY ROLLUP (month(day));

-- 1.13 situation_centre.grave_crime_change
SELECT month(day) AS period,
    100.0 * (count(*) FILTER (year = 2026) - count(*) FILTER (year = 2025)) / nullif(count(*) FILTER (year = 2025), 0) AS value
FROM situation_centre.crimes WHERE gravity IN ('grave', 'especially_grave') AND year IN (2025, 2026)
GROUP BY ROLLUP (month(day));

-- 1.14 situation_centre.road_repair_on_time_share
SELECT month(deadline_at_day) AS period,
    100.0 * count(*) FILTER (status = 'resolved' AND closed_at <= deadline_at) / count(*) AS value
FROM contact_centre.appeals
WHERE deadline_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND NOT spam AND topic IN ('roads', 'potholes')
GROUP BY ROLLUP (month(deadline_at_day));

-- 1.15 situation_centre.lighting_repair_on_time_share
SELECT month(deadline_at_day) AS period,
    100.0 * count(*) FILTER (status = 'resolved' AND closed_at <= deadline_at) / count(*) AS value
FROM contact_centre.appeals
WHERE deadline_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND NOT spam AND topic = 'lighting'
GROUP BY ROLLUP (month(deadline_at_day));

-- 1.16 situation_centre.transit_time_change
SELECT NULL AS period, 100.0 * (avg(minutes) - any_value(base)) / any_value(base) AS value
FROM transport.od_trips, (
    SELECT arg_max(base_value, filed_on) AS base FROM city.baselines
    WHERE kpi = 'situation_centre.transit_time_change' AND component = 'all'
)
WHERE year = 2026;

-- 1.17 situation_centre.air_compliance
SELECT period, avg(value) AS value
FROM (
    SELECT period, pollutant, sum(kept) / sum(n) AS value
    FROM (
        SELECT month(day) AS period, pollutant, sum(least(1.0, norm * c / nullif(s, 0))) AS kept, count(*) AS n
        FROM (
            SELECT day, station, pollutant, sum(concentration)::DOUBLE AS s, count(*) AS c
            FROM situation_centre.air_readings WHERE year = 2026 GROUP BY ALL
        ) JOIN (VALUES ('pm2_5', 0.035), ('pm10', 0.06), ('no2', 0.04), ('so2', 0.05), ('co', 3), ('o3', 0.03))
            AS norms (pollutant, norm) USING (pollutant)
        GROUP BY 1, 2
    ) GROUP BY GROUPING SETS ((period, pollutant), (pollutant))
) GROUP BY period;

-- 1.18 situation_centre.cleaning_on_time_share
SELECT month(deadline_at_day) AS period,
    100.0 * count(*) FILTER (status = 'resolved' AND closed_at <= deadline_at) / count(*) AS value
FROM contact_centre.appeals
WHERE deadline_at_day BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND NOT spam AND topic IN ('waste', 'sanitation')
GROUP BY ROLLUP (month(deadline_at_day));

-- 1.19 situation_centre.waste_recycled_share
SELECT month(day) AS period, 100.0 * sum(mass_kg) FILTER (destination = 'recycled') / sum(mass_kg) AS value
FROM waste.weighings WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 1.20 situation_centre.green_area_change
SELECT NULL AS period, 100.0 * (now - before) / before AS value
FROM (
    SELECT sum(area_m2) FILTER (valid_from <= DATE '2026-12-31' AND (valid_to IS NULL OR valid_to >= DATE '2026-12-31')) AS now,
           sum(area_m2) FILTER (valid_from <= DATE '2025-12-31' AND (valid_to IS NULL OR valid_to >= DATE '2025-12-31')) AS before
    FROM greenery.areas
);

-- 1.21 situation_centre.building_energy_change
SELECT NULL AS period, 100.0 * (now - before) / before AS value
FROM (
    SELECT sum(kwh) FILTER (year = 2026) AS now, sum(kwh) FILTER (year = 2025) AS before
    FROM situation_centre.building_energy
    WHERE same_set AND carrier IN ('electricity', 'heat', 'gas', 'solid_fuel', 'liquid_fuel')
);
