-- name: insert_invoices
-- One invoice to a tenant and month, for the 108 months before this one.
INSERT INTO public.invoices (id, organization_id, subscription_id, stripe_invoice_id, stripe_customer_id, invoice_number,
    amount_due, amount_paid, currency, status, billing_period_start, billing_period_end, due_date, paid_at, line_items,
    subtotal, tax_amount, discount_amount, total_amount, payment_method, created_at, updated_at)
SELECT md5('invoice ' || o || ' ' || month)::uuid, md5('organization ' || o)::uuid, md5('subscription ' || o)::uuid,
       'in_' || md5('stripe ' || o || ' ' || month), 'cus_' || md5('customer ' || o),
       'INV-' || to_char(month, 'YYYYMM') || '-' || lpad(o::text, 4, '0'),
       net + tax, CASE status WHEN 'paid' THEN net + tax ELSE 0 END, (ARRAY['usd', 'eur'])[1 + o % 2], status,
       month, (month + interval '1 month' - interval '1 day')::date, (month + interval '1 month 14 days')::date,
       CASE status WHEN 'paid' THEN issued_at + make_interval(days => (o + m) % 12) END,
       jsonb_build_array(jsonb_build_object('description', 'Subscription', 'amount', net)),
       net, tax, 0, net + tax, CASE status WHEN 'paid' THEN 'card' END, issued_at, issued_at
FROM generate_series(1, 12) AS o
CROSS JOIN generate_series(1, 108) AS m
CROSS JOIN LATERAL (
    SELECT (date_trunc('month', $1::timestamptz AT TIME ZONE 'UTC') - make_interval(months => m))::date AS month,
           4900 + o * 2500 + (o * m * 31) % 900 AS net,
           CASE WHEN m = 1 THEN 'open' WHEN (o + m) % 41 = 0 THEN 'void'
                WHEN (o + m) % 67 = 0 THEN 'uncollectible' ELSE 'paid' END AS status) AS a
CROSS JOIN LATERAL (
    SELECT net * 21 / 100 AS tax,
           least($1::timestamptz, (month + interval '1 month 2 hours') AT TIME ZONE 'UTC') AS issued_at) AS b

-- name: insert_subscription_changes
-- Thirty changes to a tenant: a trial, renewals, moves up and down.
INSERT INTO public.subscription_changes (id, organization_id, subscription_id, change_type, old_plan_id, new_plan_id, old_status,
    new_status, old_amount, new_amount, prorated_amount, effective_date, change_reason, initiated_by, stripe_event_id, created_at)
SELECT md5('change ' || o || ' ' || c)::uuid, md5('organization ' || o)::uuid, md5('subscription ' || o)::uuid, change,
       CASE WHEN c > 0 THEN plans[1 + (c + o) % 3] END,
       plans[1 + (c + o + (change IN ('upgraded', 'downgraded'))::int) % 3],
       CASE WHEN c > 0 THEN 'active' END,
       CASE change WHEN 'trial_started' THEN 'trialing' WHEN 'cancelled' THEN 'canceled' ELSE 'active' END,
       CASE WHEN c > 0 THEN 4900 + o * 2500 END, 4900 + o * 2500 + c * 10,
       CASE WHEN change = 'upgraded' THEN 1250 END, (changed_at AT TIME ZONE 'UTC')::date,
       CASE change WHEN 'cancelled' THEN 'too expensive' END,
       CASE WHEN c % 3 = 0 THEN md5('user ' || o * 8 - 7)::uuid END,
       'evt_' || md5('event ' || o || ' ' || c), changed_at
FROM generate_series(1, 12) AS o
CROSS JOIN generate_series(0, 29) AS c
CROSS JOIN LATERAL (
    SELECT ARRAY['starter', 'professional', 'enterprise'] AS plans,
           $1::timestamptz - interval '9 years' + c * interval '107 days' + o * interval '1 day' AS changed_at,
           CASE c WHEN 0 THEN 'created' WHEN 1 THEN 'trial_started' WHEN 2 THEN 'trial_ended' ELSE
               (ARRAY['renewed', 'upgraded', 'renewed', 'downgraded', 'renewed', 'cancelled', 'reactivated'])[1 + c % 7] END AS change) AS a
