-- The nodes of the graph, numbered: the models of the snapshot by id, then their other ancestors by id.
SELECT id, rank = 0 AS is_model, CAST(row_number() OVER (ORDER BY rank, id) - 1 AS INT) AS node FROM members
