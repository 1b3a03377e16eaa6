-- Each edge once, with the most certain relation. No model is its own parent.
SELECT child, parent, relation, weight, listed
FROM (SELECT s.child AS child, p.id AS parent, s.relation AS relation, s.weight AS weight, p.listed AS listed,
             row_number() OVER (PARTITION BY s.child, p.id ORDER BY s.relation, s.place) AS copy
      FROM stated s JOIN parents p ON s.parent = p.name
      WHERE s.child <> p.id)
WHERE copy = 1
