"""The query of `eyas-hub build` as plain SQL in DuckDB, to compare times: `python3 duckdb_query.py DUMP OUT [MEMORY]`.

It reads the listings, resolves the parents in any case, keeps each edge once, resolves the names of results, chooses the best
source, closes the models that have results to five generations, and writes nodes, edges and results as Parquet. It leaves out
what the rules of eyas add: names that are spelled otherwise, units, records of Every Eval Ever, cards as YAML, cycles."""

import sys
import time

import duckdb

dump, out, memory = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "1GB"
db = duckdb.connect(f"{out}/work.duckdb")
db.execute(f"SET memory_limit='{memory}'; SET threads=2; SET preserve_insertion_order=false")
start = time.time()
db.execute(f"""
CREATE TABLE listings AS
SELECT id, createdAt, lastModified, tags, cardData.base_model AS base_model, cardData.base_model_relation AS relation
FROM read_ndjson('{dump}/models/*.jsonl', ignore_errors=true, columns={{id: 'VARCHAR', createdAt: 'VARCHAR',
  lastModified: 'VARCHAR', tags: 'VARCHAR[]', cardData: 'STRUCT(base_model VARCHAR[], base_model_relation VARCHAR)'}})
WHERE id IS NOT NULL;
CREATE TABLE models AS SELECT * FROM listings QUALIFY row_number() OVER (PARTITION BY id ORDER BY lastModified DESC) = 1;
CREATE TABLE folded AS SELECT lower(id) AS folded, min(id) AS id, count(*) AS ids FROM models GROUP BY 1;
CREATE TABLE stated AS
SELECT id AS child, unnest(base_model) AS parent, coalesce(relation, 'unstated') AS relation FROM models
UNION ALL
SELECT id, regexp_replace(tag, '^base_model:([a-z]+:)?', ''), regexp_extract(tag, '^base_model:([a-z]+):', 1)
FROM (SELECT id, unnest(tags) AS tag FROM models) WHERE tag LIKE 'base_model:%';
CREATE TABLE edges AS
SELECT child, parent, min(relation) AS relation FROM
  (SELECT s.child, CASE WHEN f.ids = 1 THEN f.id ELSE s.parent END AS parent, s.relation
   FROM stated s LEFT JOIN folded f ON lower(s.parent) = f.folded)
WHERE child <> parent GROUP BY 1, 2;
CREATE TABLE results AS
SELECT coalesce(f.id, r.model) AS model, lower(dataset) AS dataset, metric, score, items, date, source,
  evaluator_relationship AS measured_by
FROM read_ndjson('{dump}/results/*.jsonl', ignore_errors=true, columns={{model: 'VARCHAR', dataset: 'VARCHAR', metric: 'VARCHAR',
  score: 'FLOAT', items: 'INTEGER', date: 'VARCHAR', source: 'VARCHAR', evaluator_relationship: 'VARCHAR'}}) r
LEFT JOIN folded f ON lower(r.model) = f.folded AND f.ids = 1
WHERE r.model IS NOT NULL;
CREATE TABLE best AS SELECT * FROM results QUALIFY row_number() OVER (PARTITION BY model, dataset, metric
  ORDER BY CASE measured_by WHEN 'third_party' THEN 0 WHEN 'first_party' THEN 2 ELSE 1 END, items DESC NULLS LAST,
  date DESC NULLS LAST, source, score DESC) = 1;
CREATE TABLE nodes AS SELECT DISTINCT model AS id, 0 AS level FROM best;
""")
for level in range(1, 6):
    db.execute(f"""INSERT INTO nodes SELECT DISTINCT e.parent, {level} FROM edges e JOIN nodes n ON e.child = n.id
    AND n.level = {level - 1} WHERE e.parent NOT IN (SELECT id FROM nodes)""")
db.execute(f"""
COPY (SELECT *, row_number() OVER (ORDER BY level > 0, id) - 1 AS node FROM nodes ORDER BY node) TO '{out}/nodes.parquet';
COPY (SELECT e.* FROM edges e JOIN nodes c ON e.child = c.id JOIN nodes p ON e.parent = p.id ORDER BY child, parent) TO '{out}/edges.parquet';
COPY (SELECT * FROM best ORDER BY dataset, metric, model) TO '{out}/cells.parquet';
""")
counts = db.execute("SELECT (SELECT count(*) FROM nodes), (SELECT count(*) FROM edges), (SELECT count(*) FROM best)").fetchone()
print(f"{time.time() - start:.1f} s; {counts[0]} nodes, {counts[1]} edges, {counts[2]} results")
