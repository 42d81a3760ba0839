-- usage_tracking: metered usage, kept raw for 13 months. Nothing it refers to is deleted while it refers
-- to it: a cascade would remove what neither the archive nor the monthly table holds.

-- name: create_table_usage_tracking
-- Usage by hour, and daily totals where usage_hour is NULL.
CREATE TABLE public.usage_tracking (
    id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id   uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
    usage_date        date        NOT NULL,
    usage_hour        integer     CHECK (usage_hour BETWEEN 0 AND 23),
    resource_type     text        NOT NULL CHECK (resource_type IN (
                          'messages_sent', 'messages_received', 'storage_gb', 'api_calls', 'active_contacts',
                          'active_users', 'whatsapp_sessions', 'automation_executions')),
    quantity          numeric     NOT NULL DEFAULT 0,
    unit              text,
    unit_price        numeric,
    total_cost        numeric,
    currency          text        NOT NULL DEFAULT 'usd',
    subscription_id   uuid        REFERENCES public.subscriptions (id) ON DELETE RESTRICT,
    invoice_id        uuid        REFERENCES public.invoices (id) ON DELETE RESTRICT,
    is_billable       boolean     NOT NULL DEFAULT true,
    included_quantity numeric,
    overage_quantity  numeric,
    metadata          jsonb       DEFAULT '{}',
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, usage_date, usage_hour, resource_type)
);

-- name: create_index_idx_usage_tracking_organization_id
-- Multi-tenant queries.
CREATE INDEX idx_usage_tracking_organization_id ON public.usage_tracking (organization_id);

-- name: create_index_idx_usage_tracking_usage_date
-- Time-series queries, and the purge.
CREATE INDEX idx_usage_tracking_usage_date ON public.usage_tracking (usage_date);

-- name: create_index_idx_usage_tracking_resource_type
-- Resource filtering.
CREATE INDEX idx_usage_tracking_resource_type ON public.usage_tracking (resource_type);

-- name: create_index_idx_usage_tracking_subscription_id
-- Usage of a subscription.
CREATE INDEX idx_usage_tracking_subscription_id ON public.usage_tracking (subscription_id);

-- name: create_index_idx_usage_tracking_invoice_id
-- Usage behind an invoice.
CREATE INDEX idx_usage_tracking_invoice_id ON public.usage_tracking (invoice_id);

-- name: create_index_idx_usage_tracking_composite
-- Organization + date + resource queries.
CREATE INDEX idx_usage_tracking_composite ON public.usage_tracking (organization_id, usage_date, resource_type);

-- name: create_trigger_usage_tracking_updated_at
-- Keeps updated_at true.
CREATE TRIGGER usage_tracking_updated_at BEFORE UPDATE ON public.usage_tracking
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();

-- name: enable_rls_usage_tracking
-- From here on the policies decide who sees what.
ALTER TABLE public.usage_tracking ENABLE ROW LEVEL SECURITY;

-- name: create_policy_usage_tracking_select
-- Users view usage of their own organization; super admins view all.
CREATE POLICY usage_tracking_select ON public.usage_tracking FOR SELECT TO {members}
    USING (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()));

-- name: create_policy_usage_tracking_insert
-- Metering inserts from any context of the system.
CREATE POLICY usage_tracking_insert ON public.usage_tracking FOR INSERT TO {systems}
    WITH CHECK (true);

-- name: create_policy_usage_tracking_all
-- Super admins manage all usage.
CREATE POLICY usage_tracking_all ON public.usage_tracking FOR ALL TO {members}
    USING ((SELECT public.is_super_admin())) WITH CHECK ((SELECT public.is_super_admin()));
