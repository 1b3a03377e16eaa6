-- Which listed model the name in a result means, by the rules for pasted names. The rules compare a name with the listed ids
-- that share a key with it. A name of no listed model is a model of its own.
WITH named AS (SELECT DISTINCT name FROM tuples),
     keys AS (SELECT name, unnest(lookup_keys(name)) AS key FROM named),
     keyed AS (SELECT id, name_key(id) AS key FROM models),
     found AS (SELECT k.name AS name, find_model(k.name, array_agg(m.id)) AS id
               FROM keys k JOIN keyed m ON k.key = m.key GROUP BY k.name)
SELECT n.name AS name, coalesce(f.id, n.name) AS id, f.id IS NOT NULL AS listed
FROM named n LEFT JOIN found f ON n.name = f.name
