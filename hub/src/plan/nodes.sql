-- The nodes of the graph, numbered: the models of the snapshot by id, then their other ancestors by id.
SELECT id, is_model, CAST(row_number() OVER (ORDER BY is_model DESC, id) - 1 AS INT) AS node
FROM (SELECT id, true AS is_model FROM selected UNION ALL SELECT id, false AS is_model FROM ({ancestors}))
