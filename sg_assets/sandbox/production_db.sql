-- The part of sourcegraph.com's database that matters here, as the product's own internal/database/schema.md has it,
-- secrets included: so that a test can tell that they are never read. The reader's role may read what is not secret.

create extension citext;

create table users (
    id serial primary key,
    username citext not null,
    display_name text,
    avatar_url text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    invite_quota integer not null default 100,
    passwd text,
    passwd_reset_code text,
    passwd_reset_time timestamptz,
    site_admin boolean not null default false,
    page_views integer not null default 0,
    search_queries integer not null default 0,
    tags text[] default '{}',
    billing_customer_id text,
    invalidated_sessions_at timestamptz not null default now(),
    tos_accepted boolean not null default false,
    searchable boolean not null default true
);
create unique index users_username on users (username) where deleted_at is null;

create table user_emails (
    user_id integer not null,
    email citext not null,
    created_at timestamptz not null default now(),
    verification_code text,
    verified_at timestamptz,
    last_verification_sent_at timestamptz,
    is_primary boolean not null default false,
    primary key (user_id, email)
);

create table orgs (
    id serial primary key,
    name citext not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    display_name text,
    slack_webhook_url text,
    deleted_at timestamptz
);

create table org_members (
    id serial primary key,
    org_id integer not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    user_id integer,
    unique (org_id, user_id)
);

create table event_logs (
    id bigserial primary key,
    name text not null check (name <> ''),
    url text not null,
    user_id integer not null,
    anonymous_user_id text not null,
    source text not null check (source <> ''),
    argument jsonb not null,
    version text not null check (version <> ''),
    timestamp timestamptz not null,
    feature_flags jsonb,
    cohort_id date,
    public_argument jsonb not null default '{}',
    first_source_url text,
    last_source_url text,
    referrer text,
    device_id text,
    insert_id text,
    billing_product_category text,
    billing_event_id text,
    client text,
    check (user_id <> 0 or anonymous_user_id <> '')
);
create index event_logs_timestamp on event_logs (timestamp);

create table survey_responses (
    id bigserial primary key,
    user_id integer,
    email text,
    score integer not null,
    reason text,
    better text,
    created_at timestamptz not null default now(),
    use_cases text[],
    other_use_case text
);

create table product_subscriptions (
    id uuid primary key,
    user_id integer not null,
    billing_subscription_id text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    archived_at timestamptz,
    account_number text,
    cody_gateway_enabled boolean not null default false
);

create table product_licenses (
    id uuid primary key,
    product_subscription_id uuid not null,
    license_key text not null,
    created_at timestamptz not null default now(),
    license_version integer,
    license_tags text[],
    license_user_count integer,
    license_expires_at timestamptz,
    access_token_enabled boolean not null default true,
    site_id uuid,
    license_check_token bytea,
    revoked_at timestamptz,
    salesforce_sub_id text,
    salesforce_opp_id text,
    revoke_reason text
);

create table repo (
    id serial primary key,
    name citext not null,
    description text,
    fork boolean,
    created_at timestamptz not null default now(),
    updated_at timestamptz,
    external_id text,
    external_service_type text,
    external_service_id text,
    archived boolean not null default false,
    uri citext,
    deleted_at timestamptz,
    metadata jsonb not null default '{}',
    private boolean not null default false,
    stars integer not null default 0,
    blocked jsonb
);

create role sg_assets login password 'sandbox-reader';
grant select (
    id, username, display_name, avatar_url, created_at, updated_at, deleted_at, invite_quota, site_admin, page_views,
    search_queries, tags, billing_customer_id, invalidated_sessions_at, tos_accepted, searchable
) on users to sg_assets;
grant select (user_id, email, created_at, verified_at, last_verification_sent_at, is_primary) on user_emails
to sg_assets;
grant select (id, name, created_at, updated_at, display_name, deleted_at) on orgs to sg_assets;
grant select on org_members, survey_responses, product_subscriptions to sg_assets;
grant select (
    id, name, user_id, anonymous_user_id, source, version, timestamp, feature_flags, cohort_id, public_argument,
    first_source_url, last_source_url, referrer, device_id, insert_id, billing_product_category, billing_event_id, client
) on event_logs to sg_assets;
grant select (
    id, product_subscription_id, license_key, created_at, access_token_enabled, site_id, revoked_at, revoke_reason
) on product_licenses to sg_assets;
grant select (fork, external_service_type, archived, deleted_at, private, stars, blocked) on repo to sg_assets;
