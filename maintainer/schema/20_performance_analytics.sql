-- performance_analytics: web vitals and API timings; the bulk of the rows, kept for 90 days.
-- An organization is not deleted while it has rows here: a cascade would remove what no archive
-- holds. A deleted user leaves the metric behind without its user.

-- name: create_table_performance_analytics
-- Metrics of pages and of the API.
CREATE TABLE public.performance_analytics (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
    user_id         uuid        REFERENCES auth.users (id) ON DELETE SET NULL,
    session_id      text,
    type            text        NOT NULL CHECK (type IN (
                        'CLS', 'FCP', 'FID', 'LCP', 'TTFB', 'api-call', 'custom-timing', 'error',
                        'user-interaction', 'navigation-timing')),
    name            text,
    value           numeric,
    duration        numeric,
    url             text,
    route           text,
    metadata        jsonb       DEFAULT '{}',
    ip_address      inet,
    user_agent      text,
    viewport_width  integer,
    viewport_height integer,
    device_type     text,
    "timestamp"     timestamptz NOT NULL DEFAULT now(),
    created_at      timestamptz NOT NULL DEFAULT now()
);

-- name: create_index_idx_performance_analytics_organization_id
-- Multi-tenant queries.
CREATE INDEX idx_performance_analytics_organization_id ON public.performance_analytics (organization_id);

-- name: create_index_idx_performance_analytics_user_id
-- User-specific metrics.
CREATE INDEX idx_performance_analytics_user_id ON public.performance_analytics (user_id);

-- name: create_index_idx_performance_analytics_type
-- Metric type filtering.
CREATE INDEX idx_performance_analytics_type ON public.performance_analytics (type);

-- name: create_index_idx_performance_analytics_timestamp
-- Time-series queries, and the purge.
CREATE INDEX idx_performance_analytics_timestamp ON public.performance_analytics ("timestamp");

-- name: create_index_idx_performance_analytics_session_id
-- Session analysis.
CREATE INDEX idx_performance_analytics_session_id ON public.performance_analytics (session_id);

-- name: create_index_idx_performance_analytics_composite
-- Organization + type + time queries.
CREATE INDEX idx_performance_analytics_composite
    ON public.performance_analytics (organization_id, type, "timestamp" DESC);

-- name: enable_rls_performance_analytics
-- From here on the policies decide who sees what.
ALTER TABLE public.performance_analytics ENABLE ROW LEVEL SECURITY;

-- name: create_policy_performance_analytics_select
-- Users view metrics of their own organization; super admins view all.
CREATE POLICY performance_analytics_select ON public.performance_analytics FOR SELECT TO {members}
    USING (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()));

-- name: create_policy_performance_analytics_insert
-- Users insert metrics for their own organization, and any authenticated user metrics of their own.
CREATE POLICY performance_analytics_insert ON public.performance_analytics FOR INSERT TO {members}
    WITH CHECK (organization_id = (SELECT public.get_user_organization()) OR user_id = (SELECT auth.uid()));
