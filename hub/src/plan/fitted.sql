-- The results in the unit of their task: fractions and percentages are turned into each other. `fits` tells whether the value
-- lies in the task's range.
SELECT *, value IS NOT NULL AND (high IS NULL OR (value >= low AND value <= high)) AS fits
FROM (SELECT model, d, s, p, m, low, high, CAST(value * factor AS REAL) AS value, CAST(error * factor AS REAL) AS error,
             items, date, source, url, source_license, measured_by
      FROM (SELECT o.model AS model, o.d AS d, o.s AS s, o.p AS p, o.m AS m, k.low AS low, k.high AS high, o.value AS value,
                   o.error AS error, o.items AS items, o.date AS date, o.source AS source, o.url AS url,
                   o.source_license AS source_license, o.measured_by AS measured_by,
                   CASE WHEN o.low = 0 AND o.high = 1 AND k.low = 0 AND k.high = 100 THEN CAST(100 AS REAL)
                        WHEN o.low = 0 AND o.high = 100 AND k.low = 0 AND k.high = 1 THEN CAST(0.01 AS REAL)
                        ELSE CAST(1 AS REAL) END AS factor
            FROM scored o JOIN tasks k ON o.d = k.d AND o.s = k.s AND o.p = k.p AND o.m = k.m))
