-- What a named parent means: the model with exactly this id, or the only one whose id differs in case alone. A parent that is
-- not listed (deleted, renamed or private) stays a node, under one of its spellings.
WITH folded AS (SELECT lower(id) AS folded, min(id) AS id, count(*) AS ids FROM models GROUP BY lower(id)),
     named AS (SELECT DISTINCT parent AS name, lower(parent) AS folded FROM stated)
SELECT n.name AS name,
       CASE WHEN f.ids = 1 THEN f.id WHEN f.ids > 1 THEN n.name
            ELSE min(n.name) OVER (PARTITION BY n.folded) END AS id,
       f.ids IS NOT NULL AS listed
FROM named n LEFT JOIN folded f ON n.folded = f.folded
