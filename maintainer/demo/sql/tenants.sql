-- name: insert_organizations
-- Twelve tenants, as old as the record.
INSERT INTO public.organizations (id, name, created_at)
SELECT md5('organization ' || n)::uuid, names.name, $1::timestamptz - interval '9 years'
FROM unnest(ARRAY['Acme Care', 'Bluebird Travel', 'Corner Bakery', 'Delta Dental', 'Evergreen Homes', 'Fjord Bikes',
                  'Globex Parts', 'Harbour Hotels', 'Initech', 'Juniper Law', 'Kite School', 'Lumen Energy'])
     WITH ORDINALITY AS names (name, n)

-- name: insert_users
-- Eight users to a tenant.
INSERT INTO auth.users (id, email, created_at)
SELECT md5('user ' || n)::uuid, 'user' || n || '@tenant' || (n - 1) / 8 + 1 || '.example',
       $1::timestamptz - interval '9 years'
FROM generate_series(1, 96) AS n

-- name: insert_profiles
-- The first user of a tenant administers it; the very first one runs the platform.
INSERT INTO public.profiles (id, organization_id, email, full_name, role, is_super_admin, created_at)
SELECT md5('user ' || n)::uuid, md5('organization ' || (n - 1) / 8 + 1)::uuid,
       'user' || n || '@tenant' || (n - 1) / 8 + 1 || '.example', 'User ' || n,
       CASE n % 8 WHEN 1 THEN 'owner' WHEN 2 THEN 'admin' ELSE 'agent' END, n = 1,
       $1::timestamptz - interval '9 years'
FROM generate_series(1, 96) AS n

-- name: insert_subscriptions
-- One subscription to a tenant.
INSERT INTO public.subscriptions (id, organization_id, plan_id, status, created_at)
SELECT md5('subscription ' || n)::uuid, md5('organization ' || n)::uuid,
       (ARRAY['starter', 'professional', 'enterprise'])[1 + n % 3], 'active', $1::timestamptz - interval '9 years'
FROM generate_series(1, 12) AS n

-- name: insert_templates
-- Ten message templates to a tenant.
INSERT INTO public.message_templates (id, organization_id, created_by, name, category, content, language, variables,
    whatsapp_status, usage_count, last_used_at, is_active, tags, created_at, updated_at)
SELECT md5('template ' || o || ' ' || t)::uuid, md5('organization ' || o)::uuid, md5('user ' || o * 8 - t % 8)::uuid,
       category || ' ' || t, category, 'Hello <customer_name>, thank you for writing to us.',
       (ARRAY['en', 'nl', 'de'])[1 + o % 3], '["customer_name"]',
       (ARRAY['approved', 'approved', 'pending', 'draft', 'rejected'])[1 + t % 5], (o * 37 + t * 101) % 900,
       $1::timestamptz - make_interval(days => (o * 7 + t * 13) % 60), t <> 9, ARRAY['demo', category],
       $1::timestamptz - make_interval(months => (o + t * 10) % 100), $1::timestamptz - make_interval(days => t)
FROM generate_series(1, 12) AS o
CROSS JOIN generate_series(0, 9) AS t
CROSS JOIN LATERAL (
    SELECT (ARRAY['greeting', 'away', 'closing', 'follow_up', 'support', 'sales', 'custom'])[1 + t % 7] AS category) AS c

-- name: insert_reports
-- Five reports to a tenant, some of them recurring.
INSERT INTO public.scheduled_reports (id, organization_id, created_by, report_type, report_name, start_date, end_date,
    format, scheduling, next_run_at, last_run_at, status, error_message, delivery_emails, created_at, updated_at, completed_at)
SELECT md5('report ' || o || ' ' || r)::uuid, md5('organization ' || o)::uuid, md5('user ' || o * 8 - r)::uuid,
       (ARRAY['conversations', 'messages', 'agents', 'contacts', 'performance'])[1 + r], 'Report ' || r + 1,
       ($1::timestamptz - interval '60 days')::date, ($1::timestamptz - interval '30 days')::date,
       (ARRAY['json', 'csv', 'pdf'])[1 + (o + r) % 3],
       jsonb_build_object('frequency', (ARRAY['once', 'daily', 'weekly', 'monthly', 'weekly'])[1 + r], 'time', '09:00'),
       CASE WHEN r > 0 THEN $1::timestamptz + make_interval(days => r) END, $1::timestamptz - make_interval(days => r),
       status, CASE status WHEN 'failed' THEN 'the mail server did not answer' END,
       ARRAY['user' || o * 8 || '@tenant' || o || '.example'], $1::timestamptz - make_interval(months => o * 3 + r),
       $1::timestamptz - make_interval(days => r),
       CASE status WHEN 'completed' THEN $1::timestamptz - make_interval(days => r) END
FROM generate_series(1, 12) AS o
CROSS JOIN generate_series(0, 4) AS r
CROSS JOIN LATERAL (
    SELECT (ARRAY['completed', 'pending', 'pending', 'failed', 'completed'])[1 + (o + r) % 5] AS status) AS s
