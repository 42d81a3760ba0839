-- usage_tracking_monthly: what the rollup of usage_tracking writes. It refers to nothing, so that a month
-- outlives what was billed in it; its index is not unique, because NULL keys are one group to the rollup.

-- name: create_table_usage_tracking_monthly
-- Usage by month; read counters in quantity and gauges (storage_gb, active_users) in peak_quantity.
CREATE TABLE public.usage_tracking_monthly (
    organization_id   uuid,
    usage_month       date   NOT NULL,
    resource_type     text,
    unit              text,
    currency          text,
    is_billable       boolean,
    granularity       text,
    quantity          numeric,
    total_cost        numeric,
    included_quantity numeric,
    overage_quantity  numeric,
    peak_quantity     numeric,
    usage_rows        bigint NOT NULL
);

-- name: create_index_usage_tracking_monthly_group
-- One month, then one organization.
CREATE INDEX usage_tracking_monthly_group ON public.usage_tracking_monthly
    (usage_month, organization_id, resource_type, unit, currency, is_billable, granularity);

-- name: enable_rls_usage_tracking_monthly
-- From here on the policies decide who sees what.
ALTER TABLE public.usage_tracking_monthly ENABLE ROW LEVEL SECURITY;

-- name: create_policy_usage_tracking_monthly_select
-- Users view usage of their own organization; super admins view all.
CREATE POLICY usage_tracking_monthly_select ON public.usage_tracking_monthly FOR SELECT TO {members}
    USING (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()));

-- name: create_policy_usage_tracking_monthly_all
-- Super admins manage all usage.
CREATE POLICY usage_tracking_monthly_all ON public.usage_tracking_monthly FOR ALL TO {members}
    USING ((SELECT public.is_super_admin())) WITH CHECK ((SELECT public.is_super_admin()));
