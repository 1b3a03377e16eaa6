-- All results, each with the name of its model as its source writes it.
SELECT t['model'] AS name, t['dataset'] AS dataset, t['subset'] AS subset, t['split'] AS split, t['metric'] AS metric,
       t['task'] AS task, t['lower_is_better'] AS lower_is_better, t['low'] AS low, t['high'] AS high, t['is_open'] AS is_open,
       t['value'] AS value, t['error'] AS error, t['items'] AS items, t['date'] AS date, t['source'] AS source,
       t['url'] AS url, t['source_license'] AS source_license, t['measured_by'] AS measured_by
FROM (SELECT unnest(results) AS t FROM models UNION ALL SELECT unnest(results) AS t FROM records)
