-- What was left out, repaired or doubted, with its number and an example.
SELECT what, why, count, example FROM (
    SELECT n['what'] AS what, n['why'] AS why, count(*) AS count, min(n['example']) AS example
    FROM (SELECT unnest(notes) AS n FROM listings UNION ALL SELECT unnest(notes) AS n FROM records)
    GROUP BY n['what'], n['why']
    UNION ALL
    SELECT 'listings' AS what, 'repeat an id; the one that was changed last was kept' AS why, count(*) AS count, min(id) AS example
    FROM (SELECT id, row_number() OVER (PARTITION BY id ORDER BY mark) AS copy FROM listings WHERE id IS NOT NULL)
    WHERE copy > 1
    UNION ALL
    SELECT 'edges' AS what, 'to the model itself, in another spelling' AS why, count(*) AS count, min(s.child) AS example
    FROM stated s JOIN parents p ON s.parent = p.name WHERE s.child = p.id
    UNION ALL
    SELECT 'edges' AS what, 'repeated; the most certain relation was kept' AS why, count(*) AS count, min(child) AS example
    FROM (SELECT s.child AS child, row_number() OVER (PARTITION BY s.child, p.id ORDER BY s.place) AS copy
          FROM stated s JOIN parents p ON s.parent = p.name WHERE s.child <> p.id) WHERE copy > 1
    UNION ALL
    SELECT 'parents' AS what, 'not listed (deleted, renamed or private); kept as relatives without facts' AS why,
           count(DISTINCT parent) AS count, min(parent) AS example
    FROM edges WHERE NOT listed
    UNION ALL
    SELECT 'models' AS what, 'in results only, not listed' AS why, count(DISTINCT id) AS count, min(id) AS example
    FROM names WHERE NOT listed
    UNION ALL
    SELECT 'results' AS what, 'of a metric that measures no quality' AS why, count(*) AS count,
           min(coalesce(metric, dataset)) AS example
    FROM tuples WHERE NOT measures_quality(coalesce(metric, dataset))
    UNION ALL
    SELECT 'results' AS what, 'outside the range of their task, or in another unit' AS why, count(*) AS count,
           min(model || ' on ' || d) AS example
    FROM fitted WHERE NOT fits
    UNION ALL
    SELECT 'results' AS what, 'of a model and task that another source has too; the better source was kept' AS why,
           (SELECT count(*) FROM fitted WHERE fits) - (SELECT count(*) FROM best) AS count, '' AS example
    UNION ALL
    SELECT 'models' AS what, 'not asked for by --where' AS why,
           (SELECT count(*) FROM candidates) - (SELECT count(*) FROM selected) AS count, '' AS example
) WHERE count > 0 ORDER BY what, why
