-- The tasks that some model of the snapshot has a result on, numbered.
SELECT t.*, CAST(row_number() OVER (ORDER BY t.d, t.s, t.p, t.m) - 1 AS INT) AS place
FROM tasks t LEFT SEMI JOIN (SELECT b.d AS d, b.s AS s, b.p AS p, b.m AS m FROM best b LEFT SEMI JOIN selected o ON b.model = o.id) u
     ON t.d = u.d AND t.s = u.s AND t.p = u.p AND t.m = u.m
