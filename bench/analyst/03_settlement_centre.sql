-- The KPIs of initiative 3.

-- 3.1 settlement_centre.paid_on_time_share
SELECT month(due_on) AS period, 100.0 * count(*) FILTER (paid_on <= due_on) / count(*) AS value
FROM settlement_centre.bills WHERE due_on BETWEEN DATE '2026-01-01' AND DATE '2026-12-31'
GROUP BY ROLLUP (month(due_on));

-- 3.2 settlement_centre.overdue_share
SELECT month(due_on) AS period, 100.0 * count(*) FILTER (paid_on IS NULL OR paid_on > due_on) / count(*) AS value
FROM settlement_centre.bills WHERE due_on BETWEEN DATE '2026-01-01' AND DATE '2026-12-31'
GROUP BY ROLLUP (month(due_on));

-- 3.3 settlement_centre.payments_per_month
WITH m AS (SELECT month(day) AS period, count(*) AS value FROM settlement_centre.payments WHERE year = 2026 GROUP BY 1)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 3.4 settlement_centre.mean_processing_time
SELECT month(day) AS period, avg(date_diff('microsecond', paid_at, credited_at)) / 3600e6 AS value
FROM settlement_centre.payments WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 3.5 settlement_centre.automated_share
SELECT quarter(day) AS period, 100.0 * count(*) FILTER (manual_entries = 0) / count(*) AS value
FROM settlement_centre.operations WHERE year = 2026
GROUP BY ROLLUP (quarter(day));

-- 3.6 settlement_centre.wrong_charge_share
SELECT month(day) AS period, 100.0 * count(wrong_confirmed_at) / count(*) AS value
FROM settlement_centre.bills WHERE year = 2026
GROUP BY ROLLUP (month(day));

-- 3.7 settlement_centre.satisfaction
SELECT quarter(day) AS period, avg(mark) AS value
FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'settlement'
GROUP BY ROLLUP (quarter(day));
