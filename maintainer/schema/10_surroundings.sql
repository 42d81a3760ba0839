-- What the seven tables refer to. Each object is made only where it is missing;
-- on Supabase, and beside an application of your own, nothing here is carried out.

-- name: create_schema_auth
-- Holds users and the function that says who is asking.
CREATE SCHEMA auth;

-- name: create_table_auth_users
-- Users, as far as the seven tables refer to them.
CREATE TABLE auth.users (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    email      text        UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- name: create_function_auth_uid
-- The user who is asking: the subject of the token in `request.jwt.claim.sub` or `request.jwt.claims`.
CREATE FUNCTION auth.uid() RETURNS uuid
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(
        nullif(pg_catalog.current_setting('request.jwt.claim.sub', true), ''),
        nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::pg_catalog.jsonb
            OPERATOR(pg_catalog.->>) 'sub'
    )::pg_catalog.uuid
$$;

-- name: create_table_organizations
-- Tenants.
CREATE TABLE public.organizations (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    name       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- name: create_table_profiles
-- Users as members of a tenant.
CREATE TABLE public.profiles (
    id              uuid        PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
    organization_id uuid        REFERENCES public.organizations (id) ON DELETE SET NULL,
    email           text,
    full_name       text,
    role            text        NOT NULL DEFAULT 'agent',
    is_super_admin  boolean     NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now()
);

-- name: create_table_subscriptions
-- What a tenant has subscribed to.
CREATE TABLE public.subscriptions (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
    plan_id         text        NOT NULL,
    status          text        NOT NULL DEFAULT 'active',
    created_at      timestamptz NOT NULL DEFAULT now()
);

-- name: enable_rls_organizations
-- Supabase grants new tables to everyone: without a policy nobody but the owner sees a row.
ALTER TABLE public.organizations ENABLE ROW LEVEL SECURITY;

-- name: enable_rls_profiles
-- Without a policy nobody but the owner, and the two functions below, sees a row.
ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;

-- name: enable_rls_subscriptions
-- Without a policy nobody but the owner sees a row.
ALTER TABLE public.subscriptions ENABLE ROW LEVEL SECURITY;

-- name: create_function_get_user_organization
-- The tenant of the user who is asking, read past the row level security of profiles.
CREATE FUNCTION public.get_user_organization() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT organization_id FROM public.profiles WHERE id = auth.uid()
$$;

-- name: create_function_is_super_admin
-- Whether the user who is asking runs the platform, read past the row level security of profiles.
CREATE FUNCTION public.is_super_admin() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((SELECT is_super_admin FROM public.profiles WHERE id = auth.uid()), false)
$$;

-- name: create_function_touch_updated_at
-- Keeps `updated_at` true; the four triggers call it.
CREATE FUNCTION public.touch_updated_at() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := pg_catalog.now();
    RETURN NEW;
END
$$;
