-- The results of the models by task: the spellings of a dataset have one key. Metrics that measure no quality are left out.
SELECT * FROM (
    SELECT n.id AS model, t.dataset AS dataset, t.metric AS metric, t.task AS task, t.lower_is_better AS lower_is_better,
           CASE WHEN lower(t.subset) IN ('default', 'all', 'overall', '-') THEN NULL ELSE t.subset END AS subset,
           t.split AS split, task_key(t.dataset) AS d,
           CASE WHEN lower(coalesce(t.subset, '')) IN ('default', 'all', 'overall', '-') THEN ''
                ELSE lower(coalesce(t.subset, '')) END AS s,
           lower(coalesce(t.split, '')) AS p, lower(coalesce(t.metric, '')) AS m,
           t.low AS low, t.high AS high, t.is_open AS is_open, t.value AS value, t.error AS error, t.items AS items,
           t.date AS date, t.source AS source, t.url AS url, t.source_license AS source_license,
           t.measured_by AS measured_by
    FROM tuples t JOIN names n ON t.name = n.name
    WHERE measures_quality(coalesce(t.metric, t.dataset)))
WHERE {where_results}
