-- The models of the snapshot and their other ancestors. The number decides the order: 0 for models.
SELECT id, 0 AS rank FROM selected UNION ALL SELECT id, 1 AS rank FROM ({ancestors})
