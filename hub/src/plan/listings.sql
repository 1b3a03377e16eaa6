-- One row a line of the model listings: what the hub states of a model, read by the rules of eyas.
SELECT m['id'] AS id, m['modified'] AS modified, m['date'] AS date, m['license'] AS license, m['organization'] AS organization,
       m['family'] AS family, m['params'] AS params, m['downloads'] AS downloads, m['likes'] AS likes,
       m['pipeline'] AS pipeline, m['quantized'] AS quantized, m['factors'] AS factors, m['mark'] AS mark,
       m['parents'] AS parents, m['results'] AS results, m['notes'] AS notes
FROM (SELECT read_model(line) AS m FROM lines)
