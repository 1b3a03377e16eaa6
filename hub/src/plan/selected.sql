-- The models of the snapshot.
SELECT id, date, license, factors FROM candidates WHERE {where}
