-- One level of ancestors: the parents of the level below that are not known yet.
SELECT DISTINCT up.id AS id
FROM (SELECT e.parent AS id FROM edges e JOIN {below} b ON e.child = b.id) up
LEFT ANTI JOIN {seen} k ON up.id = k.id
