-- The results of the models of the snapshot, by the numbers of task and model.
SELECT t.place AS task, n.node AS model, b.value AS value, b.error AS error, b.items AS items, b.date AS date,
       b.source AS source, b.url AS url, b.source_license AS license, b.measured_by AS measured_by
FROM best b JOIN used t ON b.d = t.d AND b.s = t.s AND b.p = t.p AND b.m = t.m
JOIN nodes n ON b.model = n.id
WHERE n.is_model
