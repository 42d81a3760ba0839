-- name: insert_performance
-- Metrics in the order of their time, spread evenly over nine years; $2 of them.
INSERT INTO public.performance_analytics (id, organization_id, user_id, session_id, type, name, value, duration, url, route,
    metadata, ip_address, user_agent, viewport_width, viewport_height, device_type, "timestamp", created_at)
SELECT md5('performance ' || i)::uuid, md5('organization ' || org)::uuid,
       CASE WHEN h % 5 > 1 THEN md5('user ' || org * 8 - h % 8)::uuid END, 's' || i / 7,
       kind, CASE kind WHEN 'custom-timing' THEN 'inbox.render' WHEN 'error' THEN 'TypeError' END,
       CASE WHEN kind <> 'error' THEN round((h % 400000) / 97.0, 3) END,
       CASE WHEN kind IN ('api-call', 'custom-timing', 'navigation-timing') THEN h % 3000 END,
       'https://app.example' || route || '?page=' || h % 20, route,
       jsonb_build_object('release', '3.' || i * 90 / $2::bigint || '.0',
                          'connection', (ARRAY['4g', 'wifi', '3g'])[1 + h % 3]),
       ('10.' || h % 200 || '.' || h % 250 || '.' || h % 241)::inet,
       (ARRAY['Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Safari/605.1',
              'Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/129.0'])[1 + h % 3],
       (ARRAY[1920, 390, 1440])[1 + h % 3], (ARRAY[1080, 844, 900])[1 + h % 3],
       (ARRAY['desktop', 'mobile', 'desktop'])[1 + h % 3], seen_at, seen_at
FROM generate_series(1, $2::bigint) AS i
CROSS JOIN LATERAL (
    SELECT abs(hashint8(i)::bigint) AS h,
           $1::timestamptz - ($1::timestamptz - ($1::timestamptz - interval '9 years'))
               * (($2::bigint - i)::float8 / $2::bigint) AS seen_at) AS a
CROSS JOIN LATERAL (
    SELECT 1 + ((h % 1009) * (h % 1013) / 85300)::int % 12 AS org,
           (ARRAY['LCP', 'FCP', 'CLS', 'FID', 'TTFB', 'api-call', 'api-call', 'api-call', 'custom-timing', 'error',
                  'user-interaction', 'navigation-timing'])[1 + h % 12] AS kind,
           (ARRAY['/inbox', '/contacts', '/reports', '/settings/billing', '/automation'])[1 + h % 5] AS route) AS b

-- name: insert_audit
-- Security events in the order of their time, spread evenly over nine years; $2 of them.
INSERT INTO public.audit_logs (id, organization_id, actor_id, actor_email, actor_role, action, resource_type, resource_id,
    old_values, new_values, risk_level, ip_address, user_agent, metadata, session_id, created_at)
SELECT md5('audit ' || i)::uuid, CASE WHEN h % 20 > 0 THEN md5('organization ' || org)::uuid END,
       CASE WHEN h % 20 > 2 THEN md5('user ' || actor)::uuid END,
       CASE WHEN h % 20 > 2 THEN 'user' || actor || '@tenant' || org || '.example' END,
       CASE WHEN h % 20 > 2 THEN 'agent' ELSE 'system' END, event[1], event[2], md5('resource ' || h % 5000)::uuid,
       CASE WHEN event[1] LIKE '%changed' THEN jsonb_build_object('value', h % 100) END,
       CASE WHEN event[1] LIKE '%changed' THEN jsonb_build_object('value', h % 101) END,
       event[3], ('10.' || h % 200 || '.' || h % 250 || '.' || h % 241)::inet, 'Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0',
       jsonb_build_object('request', md5('request ' || i)), 's' || i / 3, seen_at
FROM generate_series(1, $2::bigint) AS i
CROSS JOIN LATERAL (
    SELECT abs(hashint8(i + 7)::bigint) AS h,
           $1::timestamptz - ($1::timestamptz - ($1::timestamptz - interval '9 years'))
               * (($2::bigint - i)::float8 / $2::bigint) AS seen_at) AS a
CROSS JOIN LATERAL (
    SELECT 1 + (h % 12)::int AS org, 1 + (h % 12)::int * 8 + (h / 12 % 8)::int AS actor,
           CASE h % 7
               WHEN 0 THEN ARRAY['login_succeeded', 'session', 'low']
               WHEN 1 THEN ARRAY['login_failed', 'session', 'medium']
               WHEN 2 THEN ARRAY['mfa_enrollment_initiated', 'profile', 'medium']
               WHEN 3 THEN ARRAY['settings_changed', 'organization', 'low']
               WHEN 4 THEN ARRAY['role_changed', 'profile', 'high']
               WHEN 5 THEN ARRAY['contacts_exported', 'contact', 'high']
               ELSE ARRAY['api_key_created', 'api_key', 'critical'] END AS event) AS b

-- name: insert_performance_edges
-- Metrics just before, at and just after 90 days ago, by the clocks of UTC and of Amsterdam.
INSERT INTO public.performance_analytics (id, organization_id, session_id, type, value, "timestamp", created_at)
SELECT md5('performance edge ' || zone || microseconds)::uuid, md5('organization 1')::uuid, 'edge', 'LCP', 2500, edge_at, edge_at
FROM unnest(ARRAY['UTC', 'Europe/Amsterdam']) AS zone
CROSS JOIN generate_series(-1, 1) AS microseconds
CROSS JOIN LATERAL (
    SELECT ($1::timestamptz AT TIME ZONE zone - interval '90 days') AT TIME ZONE zone
               + microseconds * interval '1 microsecond' AS edge_at) AS a

-- name: insert_audit_edges
-- Security events just before, at and just after seven years ago, by the clocks of UTC and of Amsterdam.
INSERT INTO public.audit_logs (id, organization_id, action, resource_type, session_id, created_at)
SELECT md5('audit edge ' || zone || microseconds)::uuid, md5('organization 1')::uuid, 'login_succeeded', 'session', 'edge', edge_at
FROM unnest(ARRAY['UTC', 'Europe/Amsterdam']) AS zone
CROSS JOIN generate_series(-1, 1) AS microseconds
CROSS JOIN LATERAL (
    SELECT ($1::timestamptz AT TIME ZONE zone - interval '7 years') AT TIME ZONE zone
               + microseconds * interval '1 microsecond' AS edge_at) AS a

-- name: analyze_demo
-- Statistics, as a database that has been in use would have them.
ANALYZE auth.users, public.organizations, public.profiles, public.subscriptions, public.performance_analytics,
    public.scheduled_reports, public.audit_logs, public.invoices, public.subscription_changes, public.usage_tracking,
    public.message_templates, public.usage_tracking_monthly
