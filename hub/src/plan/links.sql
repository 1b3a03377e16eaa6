-- The edges between the nodes.
SELECT c.node AS child, p.node AS parent, e.relation AS relation, e.weight AS weight, e.parent AS id
FROM edges e JOIN nodes c ON e.child = c.id JOIN nodes p ON e.parent = p.id
