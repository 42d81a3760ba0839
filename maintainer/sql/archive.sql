-- name: select_archive
-- Where the archive of a name was last, if files of this record lie in it.
SELECT a.root FROM maintainer.archive AS a
WHERE a.name = $1
  AND EXISTS (SELECT FROM maintainer.segment AS s WHERE s.archive = a.id AND s.uri IS NOT NULL)
ORDER BY a.claimed_at DESC LIMIT 1

-- name: keep_archive
-- An archive was claimed, under this name and at this place.
INSERT INTO maintainer.archive (id, name, root) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, root = excluded.root, claimed_at = clock_timestamp()

-- name: use_archive
-- From now on segments belong to this archive.
UPDATE maintainer.owner AS o SET archive = $1::text WHERE o.archive IS DISTINCT FROM $1::text

-- name: select_head
-- How far the record has come.
SELECT e.run, e.number, e.hash, r.timeline
FROM maintainer.event AS e LEFT JOIN maintainer.run AS r ON r.id = e.run
ORDER BY e.number DESC LIMIT 1

-- name: select_known_head
-- Whether the record has been where an archive says that it was.
SELECT EXISTS (
  SELECT FROM maintainer.event AS e
  WHERE e.number = $1::bigint AND e.run = $2::text AND e.hash = $3::text)

-- name: select_unsettled_runs
-- The run that put the last file into the archive in use, and those that miss one there.
WITH here AS (
  SELECT s.run, s.event, s.missing_at FROM maintainer.segment AS s
  WHERE s.uri IS NOT NULL AND s.archive IS NOT DISTINCT FROM (SELECT o.archive FROM maintainer.owner AS o)
)
SELECT h.run FROM here AS h
WHERE h.missing_at IS NOT NULL OR h.event = (SELECT max(l.event) FROM here AS l)
GROUP BY h.run

-- name: select_stored
-- The segments of a run whose files belong in the archive in use, and whether one was missed before.
SELECT s.number, s.missing_at IS NOT NULL
FROM maintainer.segment AS s
WHERE s.run = $1 AND s.uri IS NOT NULL
  AND s.archive IS NOT DISTINCT FROM (SELECT o.archive FROM maintainer.owner AS o)

-- name: mark_missing
-- The file of a segment is not where it should be.
UPDATE maintainer.segment AS s SET missing_at = clock_timestamp() WHERE s.run = $1 AND s.number = $2::bigint

-- name: mark_found
-- The file of a segment is where it should be again.
UPDATE maintainer.segment AS s SET missing_at = NULL WHERE s.run = $1 AND s.number = $2::bigint
