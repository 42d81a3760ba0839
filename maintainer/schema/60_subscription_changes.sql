-- subscription_changes: the record for billing disputes, kept for ever. Nothing they refer to is deleted
-- while they refer to it, but for the person who asked for the change.

-- name: create_table_subscription_changes
-- The history of subscriptions.
CREATE TABLE public.subscription_changes (
    id                     uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id        uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
    subscription_id        uuid        REFERENCES public.subscriptions (id) ON DELETE RESTRICT,
    change_type            text        NOT NULL CHECK (change_type IN (
                               'created', 'upgraded', 'downgraded', 'cancelled', 'renewed', 'trial_started',
                               'trial_ended', 'reactivated')),
    old_plan_id            text,
    new_plan_id            text,
    old_status             text,
    new_status             text,
    old_amount             integer,
    new_amount             integer,
    currency               text        NOT NULL DEFAULT 'usd',
    prorated_amount        integer,
    effective_date         date        NOT NULL DEFAULT current_date,
    change_reason          text,
    initiated_by           uuid        REFERENCES public.profiles (id) ON DELETE SET NULL,
    stripe_subscription_id text,
    stripe_event_id        text,
    metadata               jsonb       DEFAULT '{}',
    created_at             timestamptz NOT NULL DEFAULT now()
);

-- name: create_index_idx_subscription_changes_organization_id
-- Multi-tenant queries.
CREATE INDEX idx_subscription_changes_organization_id ON public.subscription_changes (organization_id);

-- name: create_index_idx_subscription_changes_subscription_id
-- History of a subscription.
CREATE INDEX idx_subscription_changes_subscription_id ON public.subscription_changes (subscription_id);

-- name: create_index_idx_subscription_changes_change_type
-- Type filtering.
CREATE INDEX idx_subscription_changes_change_type ON public.subscription_changes (change_type);

-- name: create_index_idx_subscription_changes_effective_date
-- Time-series analysis.
CREATE INDEX idx_subscription_changes_effective_date ON public.subscription_changes (effective_date);

-- name: create_index_idx_subscription_changes_created_at
-- Event tracking.
CREATE INDEX idx_subscription_changes_created_at ON public.subscription_changes (created_at);

-- name: enable_rls_subscription_changes
-- From here on the policies decide who sees what.
ALTER TABLE public.subscription_changes ENABLE ROW LEVEL SECURITY;

-- name: create_policy_subscription_changes_select
-- Users view changes of their own organization; super admins view all.
CREATE POLICY subscription_changes_select ON public.subscription_changes FOR SELECT TO {members}
    USING (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()));

-- name: create_policy_subscription_changes_insert
-- Webhooks insert from any context of the system.
CREATE POLICY subscription_changes_insert ON public.subscription_changes FOR INSERT TO {systems}
    WITH CHECK (true);

-- name: create_policy_subscription_changes_all
-- Super admins manage all changes.
CREATE POLICY subscription_changes_all ON public.subscription_changes FOR ALL TO {members}
    USING ((SELECT public.is_super_admin())) WITH CHECK ((SELECT public.is_super_admin()));
