-- The parents as the children state them.
SELECT id AS child, p['id'] AS parent, p['relation'] AS relation, p['weight'] AS weight, p['place'] AS place
FROM (SELECT id, unnest(parents) AS p FROM models)
