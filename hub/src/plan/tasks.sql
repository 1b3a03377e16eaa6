-- The tasks. The range is the one that most of the results state, else what the metric's name tells, else what the values show.
WITH units AS (
        SELECT *, row_number() OVER (PARTITION BY d, s, p, m ORDER BY count DESC, is_open, low, high) AS place
        FROM (SELECT d, s, p, m, low, high, is_open, count(*) AS count FROM scored WHERE is_open IS NOT NULL
              GROUP BY d, s, p, m, low, high, is_open)),
     ends AS (
        SELECT d, s, p, m, min(dataset) AS dataset, min(subset) AS subset, min(split) AS split, min(metric) AS metric,
               min(task) AS task, min(value) AS lowest, max(value) AS highest, count(*) AS results,
               sum(CASE WHEN lower_is_better THEN 1 WHEN NOT lower_is_better THEN -1 ELSE 0 END) AS votes
        FROM scored GROUP BY d, s, p, m)
SELECT e.d AS d, e.s AS s, e.p AS p, e.m AS m, e.dataset AS dataset, e.subset AS subset, e.split AS split,
       e.metric AS metric, e.task AS task, e.results AS results,
       CASE WHEN e.votes = 0 THEN less_is_better(coalesce(e.metric, e.dataset)) ELSE e.votes > 0 END AS lower_is_better,
       CASE WHEN u.is_open IS NOT NULL THEN u.low
            ELSE lowest_by(coalesce(e.metric, e.dataset), e.lowest, e.highest) END AS low,
       CASE WHEN u.is_open IS NOT NULL THEN u.high
            ELSE highest_by(coalesce(e.metric, e.dataset), e.lowest, e.highest) END AS high
FROM ends e LEFT JOIN (SELECT * FROM units WHERE place = 1) u
     ON e.d = u.d AND e.s = u.s AND e.p = u.p AND e.m = u.m
