-- One result for each model and task. Where several sources have one: who did not make the model before who did, more items
-- before fewer, later before earlier.
SELECT model, d, s, p, m, value, error, items, date, source, url, source_license, measured_by
FROM (SELECT *, row_number() OVER (PARTITION BY model, d, s, p, m ORDER BY
             CASE measured_by WHEN 'third_party' THEN 0 WHEN 'collaborative' THEN 0 WHEN 'first_party' THEN 2 ELSE 1 END,
             items DESC NULLS LAST, date DESC NULLS LAST, error NULLS LAST, source, value DESC, url NULLS LAST,
             source_license) AS place
      FROM fitted WHERE fits)
WHERE place = 1
