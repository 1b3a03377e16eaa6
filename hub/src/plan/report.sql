-- What was left out, repaired or doubted: a query for each kind, with its number and an example.
SELECT n['what'] AS what, n['why'] AS why, count(*) AS count, min(n['example']) AS example
FROM (SELECT unnest(notes) AS n FROM listings) GROUP BY n['what'], n['why'];

SELECT n['what'] AS what, n['why'] AS why, count(*) AS count, min(n['example']) AS example
FROM (SELECT unnest(notes) AS n FROM records) GROUP BY n['what'], n['why'];

SELECT 'listings' AS what, 'repeat an id; the one that was changed last was kept' AS why, count(*) AS count, min(id) AS example
FROM (SELECT id, row_number() OVER (PARTITION BY id ORDER BY mark) AS copy FROM listings WHERE id IS NOT NULL) WHERE copy > 1;

SELECT 'edges' AS what, 'to the model itself, in another spelling' AS why, count(*) AS count, min(s.child) AS example
FROM stated s JOIN parents p ON s.parent = p.name WHERE s.child = p.id;

SELECT 'edges' AS what, 'repeated; the most certain relation was kept' AS why, count(*) AS count, min(child) AS example
FROM (SELECT s.child AS child, row_number() OVER (PARTITION BY s.child, p.id ORDER BY s.place) AS copy
      FROM stated s JOIN parents p ON s.parent = p.name WHERE s.child <> p.id) WHERE copy > 1;

SELECT 'parents' AS what, 'not listed (deleted, renamed or private); kept as relatives without facts' AS why,
       count(*) AS count, min(id) AS example
FROM (SELECT DISTINCT parent AS id FROM edges WHERE NOT listed);

SELECT 'models' AS what, 'in results only, not listed' AS why, count(*) AS count, min(id) AS example
FROM (SELECT DISTINCT id FROM names WHERE NOT listed);

SELECT 'results' AS what, 'of a metric that measures no quality' AS why, count(*) AS count,
       min(coalesce(metric, dataset)) AS example
FROM tuples WHERE NOT measures_quality(coalesce(metric, dataset));

SELECT 'results' AS what, 'outside the range of their task, or in another unit' AS why, count(*) AS count,
       min(model || ' on ' || d) AS example
FROM fitted WHERE NOT fits;

SELECT 'results' AS what, 'of a model and task that have a better source, or the same source again' AS why,
       count(*) AS count, min(model || ' on ' || d) AS example
FROM (SELECT model, d, row_number() OVER (PARTITION BY model, d, s, p, m ORDER BY value) AS copy FROM fitted WHERE fits)
WHERE copy > 1;

SELECT 'models' AS what, 'not asked for by --where' AS why, count(*) AS count, min(c.id) AS example
FROM candidates c LEFT ANTI JOIN selected o ON c.id = o.id
