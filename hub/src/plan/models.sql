-- Each id once: of repeated listings the one that was changed last counts.
SELECT id, date, license, organization, family, params, downloads, likes, pipeline, quantized, factors, parents, results
FROM (SELECT *, row_number() OVER (
        PARTITION BY id ORDER BY modified DESC NULLS LAST, downloads DESC NULLS LAST, mark) AS place
      FROM listings WHERE id IS NOT NULL)
WHERE place = 1
