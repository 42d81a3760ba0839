-- audit_logs: evidence, kept for seven years. An organization is not deleted while it has evidence;
-- a deleted user leaves actor_email and actor_role behind. maintainer's own rows name no organization.

-- name: create_table_audit_logs
-- Security events and what maintainer did.
CREATE TABLE public.audit_logs (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid        REFERENCES public.organizations (id) ON DELETE RESTRICT,
    actor_id        uuid        REFERENCES auth.users (id) ON DELETE SET NULL,
    actor_email     text,
    actor_role      text,
    action          text        NOT NULL,
    resource_type   text        NOT NULL,
    resource_id     uuid,
    old_values      jsonb,
    new_values      jsonb,
    risk_level      text        NOT NULL DEFAULT 'low' CHECK (risk_level IN ('low', 'medium', 'high', 'critical')),
    ip_address      inet,
    user_agent      text,
    metadata        jsonb       DEFAULT '{}',
    session_id      text,
    created_at      timestamptz NOT NULL DEFAULT now()
);

-- name: create_index_idx_audit_logs_organization_id
-- Multi-tenant queries.
CREATE INDEX idx_audit_logs_organization_id ON public.audit_logs (organization_id);

-- name: create_index_idx_audit_logs_actor_id
-- A user's history.
CREATE INDEX idx_audit_logs_actor_id ON public.audit_logs (actor_id);

-- name: create_index_idx_audit_logs_action
-- Action filtering.
CREATE INDEX idx_audit_logs_action ON public.audit_logs (action);

-- name: create_index_idx_audit_logs_resource_type
-- Resource type filtering.
CREATE INDEX idx_audit_logs_resource_type ON public.audit_logs (resource_type);

-- name: create_index_idx_audit_logs_resource_id
-- What happened to one resource.
CREATE INDEX idx_audit_logs_resource_id ON public.audit_logs (resource_id);

-- name: create_index_idx_audit_logs_risk_level
-- Security monitoring.
CREATE INDEX idx_audit_logs_risk_level ON public.audit_logs (risk_level);

-- name: create_index_idx_audit_logs_created_at
-- Time-series queries, and the purge.
CREATE INDEX idx_audit_logs_created_at ON public.audit_logs (created_at);

-- name: create_index_idx_audit_logs_composite
-- Organization + action + time queries.
CREATE INDEX idx_audit_logs_composite ON public.audit_logs (organization_id, action, created_at DESC);

-- name: enable_rls_audit_logs
-- From here on the policies decide who sees what.
ALTER TABLE public.audit_logs ENABLE ROW LEVEL SECURITY;

-- name: create_policy_audit_logs_select
-- Users view the audit log of their own organization; super admins view all.
CREATE POLICY audit_logs_select ON public.audit_logs FOR SELECT TO {members}
    USING (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()));

-- name: create_policy_audit_logs_insert
-- Security events are written from any context: before a login, and by maintainer's own role.
CREATE POLICY audit_logs_insert ON public.audit_logs FOR INSERT TO PUBLIC
    WITH CHECK (true);
