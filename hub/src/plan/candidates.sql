-- All models, listed or only in results, with what `--where` may ask for.
WITH counted AS (SELECT model, count(*) AS results FROM best GROUP BY model),
     told AS (SELECT n.id AS id, min(r.factors) AS factors FROM records r JOIN names n ON r.model = n.name
              WHERE r.factors IS NOT NULL GROUP BY n.id)
SELECT a.id AS id, a.organization AS organization, a.family AS family, a.date AS date, a.params AS params,
       a.license AS license, a.downloads AS downloads, a.likes AS likes, a.pipeline AS pipeline, a.quantized AS quantized,
       a.results AS results, a.listed AS listed, coalesce(a.factors, t.factors) AS factors
FROM (SELECT coalesce(l.id, c.model) AS id, coalesce(l.organization, organization_of(c.model)) AS organization,
             coalesce(l.family, family_of(c.model)) AS family, l.date AS date, coalesce(l.params, size_of(c.model)) AS params,
             l.license AS license, l.downloads AS downloads, l.likes AS likes, l.pipeline AS pipeline,
             coalesce(l.quantized, false) AS quantized, coalesce(c.results, 0) AS results, l.id IS NOT NULL AS listed,
             l.factors AS factors
      FROM models l FULL JOIN counted c ON l.id = c.model) a
LEFT JOIN told t ON a.id = t.id
