-- message_templates: texts of a tenant; they go with the organization, and stay when their author goes.

-- name: create_table_message_templates
-- Templates for quick replies and automation.
CREATE TABLE public.message_templates (
    id                   uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id      uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
    created_by           uuid        REFERENCES public.profiles (id) ON DELETE SET NULL,
    name                 text        NOT NULL,
    category             text        NOT NULL DEFAULT 'custom' CHECK (category IN (
                             'greeting', 'away', 'closing', 'follow_up', 'support', 'sales', 'custom')),
    content              text        NOT NULL,
    language             text        NOT NULL DEFAULT 'en',
    variables            jsonb       DEFAULT '[]',
    whatsapp_template_id text,
    whatsapp_status      text        NOT NULL DEFAULT 'draft' CHECK (whatsapp_status IN (
                             'draft', 'pending', 'approved', 'rejected')),
    usage_count          integer     NOT NULL DEFAULT 0,
    last_used_at         timestamptz,
    is_active            boolean     NOT NULL DEFAULT true,
    metadata             jsonb       DEFAULT '{}',
    tags                 text[]      DEFAULT '{}',
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now()
);

-- name: create_index_idx_message_templates_organization_id
-- Multi-tenant queries.
CREATE INDEX idx_message_templates_organization_id ON public.message_templates (organization_id);

-- name: create_index_idx_message_templates_created_by
-- A user's templates.
CREATE INDEX idx_message_templates_created_by ON public.message_templates (created_by);

-- name: create_index_idx_message_templates_category
-- Category filtering.
CREATE INDEX idx_message_templates_category ON public.message_templates (category);

-- name: create_index_idx_message_templates_whatsapp_template_id
-- WhatsApp lookups.
CREATE INDEX idx_message_templates_whatsapp_template_id ON public.message_templates (whatsapp_template_id);

-- name: create_index_idx_message_templates_is_active
-- Active templates.
CREATE INDEX idx_message_templates_is_active ON public.message_templates (is_active);

-- name: create_index_idx_message_templates_usage_count
-- Popular templates.
CREATE INDEX idx_message_templates_usage_count ON public.message_templates (usage_count DESC);

-- name: create_trigger_message_templates_updated_at
-- Keeps updated_at true.
CREATE TRIGGER message_templates_updated_at BEFORE UPDATE ON public.message_templates
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();

-- name: enable_rls_message_templates
-- From here on the policies decide who sees what.
ALTER TABLE public.message_templates ENABLE ROW LEVEL SECURITY;

-- name: create_policy_message_templates_select
-- Users view templates of their own organization; super admins view all.
CREATE POLICY message_templates_select ON public.message_templates FOR SELECT TO {members}
    USING (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()));

-- name: create_policy_message_templates_insert
-- Users create templates for their own organization, as their creator.
CREATE POLICY message_templates_insert ON public.message_templates FOR INSERT TO {members}
    WITH CHECK (organization_id = (SELECT public.get_user_organization()) AND created_by = (SELECT auth.uid()));

-- name: create_policy_message_templates_update
-- Users update templates of their own organization, which stay in it; super admins update all.
CREATE POLICY message_templates_update ON public.message_templates FOR UPDATE TO {members}
    USING (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()))
    WITH CHECK (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()));

-- name: create_policy_message_templates_delete
-- Users delete their own templates and those of their organization.
CREATE POLICY message_templates_delete ON public.message_templates FOR DELETE TO {members}
    USING (created_by = (SELECT auth.uid()) OR organization_id = (SELECT public.get_user_organization()));
