-- name: agents_named
-- $1 tenant, $2 id or NULL, $3 folded employee id or name. Text equality on stored keys keeps the indexes usable.
SELECT id, name, employee_id, languages, active,
       CASE WHEN id = $2::uuid THEN 0 WHEN employee_key = $3 THEN 1 ELSE 2 END AS matched_by
FROM agents
WHERE tenant_id = $1 AND active AND (id = $2::uuid OR employee_key = $3 OR name_key = $3)
ORDER BY matched_by, name, id
LIMIT 50;

-- name: cities_named
-- $1 tenant, $2 id or NULL, $3 folded name or alias.
SELECT c.id, c.name, c.state, c.latitude, c.longitude,
       CASE WHEN c.id = $2::int THEN 0 WHEN c.name_key = $3 THEN 2 ELSE 1 END AS matched_by
FROM cities c
WHERE c.tenant_id = $1
  AND (c.id = $2::int OR c.name_key = $3
       OR c.id IN (SELECT a.city_id FROM city_aliases a WHERE a.tenant_id = $1 AND a.alias_key = $3))
ORDER BY matched_by, c.name, c.id
LIMIT 50;

-- name: find_agent
-- $1 tenant, $2 agent.
SELECT id, name, employee_id, languages, active FROM agents WHERE tenant_id = $1 AND id = $2;

-- name: category_named
-- $1 tenant, $2 folded name or alias.
SELECT id, name, aliases, emergency
FROM issue_categories
WHERE tenant_id = $1 AND (name_key = $2 OR $2 = ANY (alias_keys))
ORDER BY (name_key = $2) DESC, id
LIMIT 1;

-- name: list_agents
-- $1 tenant, $2 and $3 name and id of the last agent of the page before, or NULL, $4 page size.
SELECT id, name, employee_id, languages, active
FROM agents
WHERE tenant_id = $1 AND ($2::text IS NULL OR (name, id) > ($2::text, $3::uuid))
ORDER BY name, id
LIMIT $4;

-- name: agents_in_order
-- In the order $5: name or employee_id, with - for falling; agents without an employee id are of the empty one.
-- $1 tenant, $2 folded text within name or employee id or NULL, $3 team or NULL, $4 whether active or NULL, $6 and $7 place and id
-- of the last agent of the page before or NULL, $8 page size.
SELECT l.id, l.name, l.employee_id, l.languages, l.active, l.place
FROM (SELECT a.id, a.name, a.employee_id, a.languages, a.active,
             CASE ltrim($5, '-') WHEN 'employee_id' THEN coalesce(a.employee_id, '') ELSE a.name END::text AS place
      FROM agents a
      WHERE a.tenant_id = $1 AND ($2::text IS NULL OR strpos(a.name_key, $2) > 0 OR strpos(a.employee_key, $2) > 0)
        AND ($3::uuid IS NULL OR a.team_id = $3) AND ($4::boolean IS NULL OR a.active = $4)) AS l
WHERE $7::uuid IS NULL
   OR CASE WHEN left($5, 1) = '-' THEN (l.place, l.id) < ($6::text, $7::uuid) ELSE (l.place, l.id) > ($6::text, $7::uuid) END
ORDER BY CASE WHEN left($5, 1) = '-' THEN l.place END DESC, CASE WHEN left($5, 1) = '-' THEN l.id END DESC,
         CASE WHEN left($5, 1) <> '-' THEN l.place END, CASE WHEN left($5, 1) <> '-' THEN l.id END
LIMIT $8;

-- name: list_cities
-- $1 tenant, $2 and $3 name and id of the last city of the page before, or NULL, $4 page size.
SELECT c.id, c.name, c.state, c.latitude, c.longitude,
       ARRAY(SELECT a.alias FROM city_aliases a
             WHERE a.tenant_id = $1 AND a.city_id = c.id ORDER BY a.alias) AS aliases
FROM cities c
WHERE c.tenant_id = $1 AND ($2::text IS NULL OR (c.name, c.id) > ($2::text, $3::int))
ORDER BY c.name, c.id
LIMIT $4;

-- name: list_categories
-- $1 tenant.
SELECT id, name, aliases, emergency
FROM issue_categories
WHERE tenant_id = $1
ORDER BY name, id
LIMIT 10000;

-- name: categories_after
-- $1 tenant, $2 and $3 name and id of the last category of the page before, or NULL, $4 page size.
SELECT id, name, aliases, emergency
FROM issue_categories
WHERE tenant_id = $1 AND ($2::text IS NULL OR (name, id) > ($2::text, $3::int))
ORDER BY name, id
LIMIT $4;

-- name: category_names
-- The categories, and the issues of calls that no category's name or alias covers: from the sums, since the calls are many.
-- $1 tenant, $2 last name of the page before or NULL, $3 page size.
SELECT n.name, n.emergency, n.configured
FROM (SELECT k.name, k.emergency, true AS configured FROM issue_categories k WHERE k.tenant_id = $1
      UNION ALL
      SELECT o.issue, false, false
      FROM (SELECT r.issue, folded_name(r.issue) AS key
            FROM rollup_issue r
            WHERE r.tenant_id = $1 AND r.grain = 'all' AND r.bucket = date '1970-01-01' AND r.issue <> '' AND r.calls > 0
            OFFSET 0) AS o
      WHERE NOT EXISTS (SELECT 1 FROM issue_categories k
                        WHERE k.tenant_id = $1 AND (k.name_key = o.key OR o.key = ANY (k.alias_keys)))) AS n
WHERE $2::text IS NULL OR n.name > $2::text
ORDER BY n.name
LIMIT $3;

-- name: insert_agent
-- $1 tenant, $2 id, $3 name, $4 folded name, $5 employee id, $6 folded employee id, $7 languages.
INSERT INTO agents (tenant_id, id, name, name_key, employee_id, employee_key, languages)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, employee_key) DO NOTHING
RETURNING id;

-- name: insert_city
-- $1 tenant, $2 name, $3 folded name, $4 state, $5 latitude, $6 longitude, $7 aliases, $8 folded aliases.
WITH city AS (
    INSERT INTO cities (tenant_id, name, name_key, state, latitude, longitude)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (tenant_id, name_key) DO NOTHING
    RETURNING id
), added AS (
    INSERT INTO city_aliases (tenant_id, alias_key, alias, city_id)
    SELECT $1, a.alias_key, a.alias, city.id
    FROM city, unnest($7::text[], $8::text[]) AS a (alias, alias_key)
    ON CONFLICT DO NOTHING
)
SELECT id FROM city;

-- name: insert_category
-- $1 tenant, $2 name, $3 folded name, $4 aliases, $5 folded aliases, $6 emergency mark.
INSERT INTO issue_categories (tenant_id, name, name_key, aliases, alias_keys, emergency)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, name_key) DO NOTHING
RETURNING id;
