-- The KPIs of initiative 3.

-- 3.1 settlement_centre.paid_on_time_share
SELECT period, 100.0 * sum(on_time) / sum(n) AS value
FROM (
    SELECT month(due_on) AS period, count(*) FILTER (paid_on <= due_on) AS on_time, count(*) AS n
    FROM settlement_centre.bills WHERE due_on BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' GROUP BY 1
) GROUP BY ROLLUP (period);

-- 3.2 settlement_centre.overdue_share
SELECT period, 100.0 * sum(overdue) / sum(n) AS value
FROM (
    SELECT month(due_on) AS period, count(*) FILTER (paid_on IS NULL OR paid_on > due_on) AS overdue, count(*) AS n
    FROM settlement_centre.bills WHERE due_on BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' GROUP BY 1
) GROUP BY ROLLUP (period);

-- 3.3 settlement_centre.payments_per_month
WITH m AS (SELECT month(day) AS period, count(*) AS value FROM settlement_centre.payments WHERE year = 2026 GROUP BY 1)
SELECT period, value FROM m UNION ALL SELECT NULL, avg(value) FROM m;

-- 3.4 settlement_centre.mean_processing_time
SELECT period, sum(us) / sum(n) / 3600e6 AS value
FROM (
    SELECT month(day) AS period, sum(epoch_us(credited_at) - epoch_us(paid_at)) AS us, count(credited_at) AS n
    FROM settlement_centre.payments WHERE year = 2026 GROUP BY 1
) GROUP BY ROLLUP (period);

-- 3.5 settlement_centre.automated_share
SELECT period, 100.0 * sum(automated) / sum(n) AS value
FROM (
    SELECT quarter(day) AS period, count(*) FILTER (manual_entries = 0) AS automated, count(*) AS n
    FROM settlement_centre.operations WHERE year = 2026 GROUP BY 1
) GROUP BY ROLLUP (period);

-- 3.6 settlement_centre.wrong_charge_share
SELECT period, 100.0 * sum(wrong) / sum(n) AS value
FROM (
    SELECT month(day) AS period, count(wrong_confirmed_at) AS wrong, count(*) AS n
    FROM settlement_centre.bills WHERE year = 2026 GROUP BY 1
) GROUP BY ROLLUP (period);

-- 3.7 settlement_centre.satisfaction
SELECT period, sum(marks) / sum(n) AS value
FROM (
    SELECT quarter(day) AS period, sum(mark) AS marks, count(mark) AS n
    FROM contact_centre.survey_answers WHERE year = 2026 AND topic = 'settlement' GROUP BY 1
) GROUP BY ROLLUP (period);
