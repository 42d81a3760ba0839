-- invoices: financial records, kept for ever. Nothing they refer to is deleted while they refer to it.

-- name: create_table_invoices
-- Billing records.
CREATE TABLE public.invoices (
    id                   uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id      uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
    subscription_id      uuid        REFERENCES public.subscriptions (id) ON DELETE RESTRICT,
    stripe_invoice_id    text        UNIQUE,
    stripe_customer_id   text,
    invoice_number       text        UNIQUE,
    amount_due           integer     NOT NULL DEFAULT 0,
    amount_paid          integer     NOT NULL DEFAULT 0,
    currency             text        NOT NULL DEFAULT 'usd',
    status               text        NOT NULL DEFAULT 'draft' CHECK (status IN (
                             'draft', 'open', 'paid', 'void', 'uncollectible')),
    billing_period_start date,
    billing_period_end   date,
    due_date             date,
    paid_at              timestamptz,
    line_items           jsonb       NOT NULL DEFAULT '[]',
    subtotal             integer     NOT NULL DEFAULT 0,
    tax_amount           integer     NOT NULL DEFAULT 0,
    discount_amount      integer     NOT NULL DEFAULT 0,
    total_amount         integer     NOT NULL DEFAULT 0,
    payment_method       text,
    payment_intent_id    text,
    invoice_pdf_url      text,
    hosted_invoice_url   text,
    metadata             jsonb       DEFAULT '{}',
    notes                text,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now()
);

-- name: create_index_idx_invoices_organization_id
-- Multi-tenant queries.
CREATE INDEX idx_invoices_organization_id ON public.invoices (organization_id);

-- name: create_index_idx_invoices_subscription_id
-- Invoices of a subscription.
CREATE INDEX idx_invoices_subscription_id ON public.invoices (subscription_id);

-- name: create_index_idx_invoices_stripe_invoice_id
-- Stripe lookups.
CREATE INDEX idx_invoices_stripe_invoice_id ON public.invoices (stripe_invoice_id);

-- name: create_index_idx_invoices_stripe_customer_id
-- Invoices of a customer.
CREATE INDEX idx_invoices_stripe_customer_id ON public.invoices (stripe_customer_id);

-- name: create_index_idx_invoices_status
-- Status filtering.
CREATE INDEX idx_invoices_status ON public.invoices (status);

-- name: create_index_idx_invoices_due_date
-- Overdue tracking.
CREATE INDEX idx_invoices_due_date ON public.invoices (due_date);

-- name: create_index_idx_invoices_created_at
-- Time-series queries.
CREATE INDEX idx_invoices_created_at ON public.invoices (created_at);

-- name: create_trigger_invoices_updated_at
-- Keeps updated_at true.
CREATE TRIGGER invoices_updated_at BEFORE UPDATE ON public.invoices
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();

-- name: enable_rls_invoices
-- From here on the policies decide who sees what.
ALTER TABLE public.invoices ENABLE ROW LEVEL SECURITY;

-- name: create_policy_invoices_select
-- Users view invoices of their own organization; super admins view all.
CREATE POLICY invoices_select ON public.invoices FOR SELECT TO {members}
    USING (organization_id = (SELECT public.get_user_organization()) OR (SELECT public.is_super_admin()));

-- name: create_policy_invoices_all
-- Super admins manage all invoices.
CREATE POLICY invoices_all ON public.invoices FOR ALL TO {members}
    USING ((SELECT public.is_super_admin())) WITH CHECK ((SELECT public.is_super_admin()));
