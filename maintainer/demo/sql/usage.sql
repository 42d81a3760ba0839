-- name: insert_usage_hours
-- Hourly usage over the 913 days before this one: $2 rows, of each day's 2304 places (24 hours, 12 tenants, 8 resources) an even share.
INSERT INTO public.usage_tracking (id, organization_id, usage_date, usage_hour, resource_type, quantity, unit, unit_price,
    total_cost, currency, subscription_id, invoice_id, is_billable, included_quantity, overage_quantity, created_at, updated_at)
SELECT md5('usage ' || d || ' ' || place)::uuid, md5('organization ' || org)::uuid, day, hour, resource[1], quantity,
       CASE WHEN h % 50 > 0 THEN resource[2] END, price, round(quantity * price, 4), (ARRAY['usd', 'eur'])[1 + org % 2],
       md5('subscription ' || org)::uuid,
       CASE WHEN price IS NOT NULL AND month < date_trunc('month', today)
            THEN md5('invoice ' || org || ' ' || month)::uuid END,
       price IS NOT NULL, CASE WHEN h % 3 > 0 THEN 40 END, CASE WHEN h % 3 > 0 THEN greatest(quantity - 40, 0) END,
       (day + hour * interval '1 hour') AT TIME ZONE 'UTC', (day + hour * interval '1 hour') AT TIME ZONE 'UTC'
FROM generate_series(0, 912) AS d
CROSS JOIN LATERAL generate_series(0, (d + 1) * $2::bigint / 913 - d * $2::bigint / 913 - 1) AS n
CROSS JOIN LATERAL (
    SELECT ((n * 1009 + d * 37) % 2304)::int AS place, ($1::timestamptz AT TIME ZONE 'UTC')::date AS today) AS a
CROSS JOIN LATERAL (
    SELECT place / 96 AS hour, 1 + place / 8 % 12 AS org, today - 913 + d AS day,
           abs(hashint8(d * 2304 + place)::bigint) AS h,
           CASE place % 8
               WHEN 0 THEN ARRAY['messages_sent', 'message', '0.005']
               WHEN 1 THEN ARRAY['messages_received', 'message', NULL]
               WHEN 2 THEN ARRAY['storage_gb', 'GB', '0.02']
               WHEN 3 THEN ARRAY['api_calls', 'call', '0.0001']
               WHEN 4 THEN ARRAY['active_contacts', 'contact', NULL]
               WHEN 5 THEN ARRAY['active_users', 'user', NULL]
               WHEN 6 THEN ARRAY['whatsapp_sessions', 'session', '0.04']
               ELSE ARRAY['automation_executions', 'execution', '0.001']
           END AS resource) AS b
CROSS JOIN LATERAL (
    SELECT date_trunc('month', day::timestamp)::date AS month, resource[3]::numeric AS price,
           CASE resource[1] WHEN 'storage_gb' THEN round((d * org + h % 100) / 37.0, 2)
                            ELSE h % 120 END AS quantity) AS c

-- name: insert_usage_days
-- Daily totals (usage_hour is NULL) over the 913 days before this one: $2 rows, of each day's 96 places an even share.
INSERT INTO public.usage_tracking (id, organization_id, usage_date, resource_type, quantity, unit, unit_price, total_cost,
    currency, subscription_id, invoice_id, is_billable, included_quantity, overage_quantity, created_at, updated_at)
SELECT md5('usage day ' || d || ' ' || place)::uuid, md5('organization ' || org)::uuid, day, resource[1], quantity,
       CASE WHEN h % 50 > 0 THEN resource[2] END, price, round(quantity * price, 4), (ARRAY['usd', 'eur'])[1 + org % 2],
       md5('subscription ' || org)::uuid,
       CASE WHEN price IS NOT NULL AND month < date_trunc('month', today)
            THEN md5('invoice ' || org || ' ' || month)::uuid END,
       price IS NOT NULL, CASE WHEN h % 3 > 0 THEN 960 END, CASE WHEN h % 3 > 0 THEN greatest(quantity - 960, 0) END,
       least($1::timestamptz, (day + interval '1 day') AT TIME ZONE 'UTC'),
       least($1::timestamptz, (day + interval '1 day') AT TIME ZONE 'UTC')
FROM generate_series(0, 912) AS d
CROSS JOIN LATERAL generate_series(0, (d + 1) * $2::bigint / 913 - d * $2::bigint / 913 - 1) AS n
CROSS JOIN LATERAL (
    SELECT ((n * 37 + d * 5) % 96)::int AS place, ($1::timestamptz AT TIME ZONE 'UTC')::date AS today) AS a
CROSS JOIN LATERAL (
    SELECT 1 + place / 8 AS org, today - 913 + d AS day, abs(hashint8(d * 96 + place)::bigint) AS h,
           CASE place % 8
               WHEN 0 THEN ARRAY['messages_sent', 'message', '0.005']
               WHEN 1 THEN ARRAY['messages_received', 'message', NULL]
               WHEN 2 THEN ARRAY['storage_gb', 'GB', '0.02']
               WHEN 3 THEN ARRAY['api_calls', 'call', '0.0001']
               WHEN 4 THEN ARRAY['active_contacts', 'contact', NULL]
               WHEN 5 THEN ARRAY['active_users', 'user', NULL]
               WHEN 6 THEN ARRAY['whatsapp_sessions', 'session', '0.04']
               ELSE ARRAY['automation_executions', 'execution', '0.001']
           END AS resource) AS b
CROSS JOIN LATERAL (
    SELECT date_trunc('month', day::timestamp)::date AS month, resource[3]::numeric AS price,
           CASE resource[1] WHEN 'storage_gb' THEN round((d * org + h % 100) / 37.0, 2)
                            ELSE h % 2880 END AS quantity) AS c
