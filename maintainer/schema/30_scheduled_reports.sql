-- scheduled_reports: settings of a tenant; they go with the organization, and stay when their author goes.

-- name: create_table_scheduled_reports
-- Recurring and one-time reports.
CREATE TABLE public.scheduled_reports (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
    created_by      uuid        REFERENCES public.profiles (id) ON DELETE SET NULL,
    report_type     text        NOT NULL CHECK (report_type IN (
                        'conversations', 'messages', 'agents', 'contacts', 'performance')),
    report_name     text,
    start_date      date        NOT NULL,
    end_date        date        NOT NULL,
    filters         jsonb       DEFAULT '{}',
    format          text        NOT NULL DEFAULT 'json' CHECK (format IN ('json', 'csv', 'pdf')),
    scheduling      jsonb       CHECK (scheduling ->> 'frequency' IN ('once', 'daily', 'weekly', 'monthly')),
    next_run_at     timestamptz,
    last_run_at     timestamptz,
    status          text        NOT NULL DEFAULT 'pending' CHECK (status IN (
                        'pending', 'processing', 'completed', 'failed', 'cancelled')),
    error_message   text,
    output_url      text,
    delivery_emails text[],
    metadata        jsonb       DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    completed_at    timestamptz
);

-- name: create_index_idx_scheduled_reports_organization_id
-- Multi-tenant queries.
CREATE INDEX idx_scheduled_reports_organization_id ON public.scheduled_reports (organization_id);

-- name: create_index_idx_scheduled_reports_created_by
-- A user's reports.
CREATE INDEX idx_scheduled_reports_created_by ON public.scheduled_reports (created_by);

-- name: create_index_idx_scheduled_reports_status
-- Status filtering.
CREATE INDEX idx_scheduled_reports_status ON public.scheduled_reports (status);

-- name: create_index_idx_scheduled_reports_next_run_at
-- The queue of the scheduler.
CREATE INDEX idx_scheduled_reports_next_run_at ON public.scheduled_reports (next_run_at);

-- name: create_index_idx_scheduled_reports_report_type
-- Type-based filtering.
CREATE INDEX idx_scheduled_reports_report_type ON public.scheduled_reports (report_type);

-- name: create_trigger_scheduled_reports_updated_at
-- Keeps updated_at true.
CREATE TRIGGER scheduled_reports_updated_at BEFORE UPDATE ON public.scheduled_reports
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();

-- name: enable_rls_scheduled_reports
-- From here on the policies decide who sees what.
ALTER TABLE public.scheduled_reports ENABLE ROW LEVEL SECURITY;

-- name: create_policy_scheduled_reports_select
-- Users view reports of their own organization; super admins view all.
CREATE POLICY scheduled_reports_select ON public.scheduled_reports FOR SELECT TO {members}
    USING (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()));

-- name: create_policy_scheduled_reports_insert
-- Users create reports for their own organization, as their creator.
CREATE POLICY scheduled_reports_insert ON public.scheduled_reports FOR INSERT TO {members}
    WITH CHECK (organization_id = (SELECT public.get_user_organization()) AND created_by = (SELECT auth.uid()));

-- name: create_policy_scheduled_reports_update
-- Users update reports of their own organization, which stay in it; super admins update all.
CREATE POLICY scheduled_reports_update ON public.scheduled_reports FOR UPDATE TO {members}
    USING (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()))
    WITH CHECK (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()));

-- name: create_policy_scheduled_reports_delete
-- Users delete their own reports and those of their organization.
CREATE POLICY scheduled_reports_delete ON public.scheduled_reports FOR DELETE TO {members}
    USING (created_by = (SELECT auth.uid()) OR organization_id = (SELECT public.get_user_organization()));
