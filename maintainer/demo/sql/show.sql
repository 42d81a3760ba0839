-- name: select_tables
-- Rows and bytes of the tables that a policy of the seven tables speaks of, the largest first.
SELECT name, rows, pg_catalog.pg_total_relation_size(name::regclass)
FROM (
    SELECT 'public.performance_analytics' AS name, count(*) AS rows FROM public.performance_analytics
    UNION ALL SELECT 'public.audit_logs', count(*) FROM public.audit_logs
    UNION ALL SELECT 'public.usage_tracking', count(*) FROM public.usage_tracking
    UNION ALL SELECT 'public.usage_tracking_monthly', count(*) FROM public.usage_tracking_monthly
    UNION ALL SELECT 'public.invoices', count(*) FROM public.invoices
    UNION ALL SELECT 'public.subscription_changes', count(*) FROM public.subscription_changes
    UNION ALL SELECT 'public.message_templates', count(*) FROM public.message_templates
    UNION ALL SELECT 'public.scheduled_reports', count(*) FROM public.scheduled_reports
) AS counted
ORDER BY 3 DESC, 1

-- name: select_monthly
-- What one organization paid most for in the last month whose own rows are all gone.
SELECT m.usage_month::text, o.name, m.resource_type, m.unit, m.quantity::text, m.peak_quantity::text,
       round(m.total_cost, 2)::text, m.usage_rows
FROM public.usage_tracking_monthly AS m JOIN public.organizations AS o ON o.id = m.organization_id
WHERE m.granularity = 'hour' AND m.unit IS NOT NULL
  AND (m.usage_month, o.id) = (
      SELECT gone.usage_month, gone.organization_id FROM public.usage_tracking_monthly AS gone
      WHERE gone.usage_month < (SELECT date_trunc('month', min(usage_date)) FROM public.usage_tracking)
      ORDER BY gone.usage_month DESC, gone.organization_id LIMIT 1)
ORDER BY m.total_cost DESC NULLS LAST, m.quantity DESC LIMIT 5

-- name: select_summed
-- How many rows of usage the monthly rows stand for.
SELECT coalesce(sum(usage_rows), 0)::bigint FROM public.usage_tracking_monthly

-- name: select_record
-- What the run $1 wrote to audit_logs: the action, how grave it is, how often, and about what.
SELECT action, risk_level, count(*), coalesce(sum((new_values ->> 'rows')::bigint), 0)::bigint,
       CASE count(DISTINCT metadata ->> 'table') WHEN 1 THEN min(metadata ->> 'table') END,
       min(actor_email), min(metadata ->> 'reason')
FROM public.audit_logs WHERE session_id = $1
GROUP BY action, risk_level, CASE WHEN action LIKE 'maintainer.purge.%' THEN metadata ->> 'table' END
ORDER BY min(created_at), min(metadata ->> 'event')
