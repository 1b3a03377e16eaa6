-- One row a line of the results: the results that it holds, and the facts about its model.
SELECT r['model'] AS model, r['factors'] AS factors, r['results'] AS results, r['notes'] AS notes
FROM (SELECT read_results(line) AS r FROM lines)
