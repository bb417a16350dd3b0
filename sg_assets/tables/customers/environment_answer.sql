/*
description: |
  One row per set of answers about a customer's environment (key: submitted_at, respondent_email).

  The one place where answers are cleaned, and where it is decided which are the newest: a talk with a customer is one
  set of answers to the form, and the newest set of an account takes the place of the one before as a whole. A question
  that was left out in it has no answer then, although an older set may have one. Sets that were taken out of the sheet
  or name no account are left out.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [submitted_at, respondent_email]
columns:
  submitted_at: {type: TIMESTAMP, description: "When the answers were submitted, or last edited."}
  respondent_email: {type: STRING, class: personal, description: "E-mail address of who submitted them."}
  account_id: {type: STRING, description: "Salesforce id of the customer's account."}
  replaced_at: {type: TIMESTAMP, description: "When newer answers about the account came; null for the newest."}
  is_newest: {type: BOOL, description: "Whether they are the newest answers about the account."}
  customer: {type: STRING, description: "Name of the customer, as the respondent wrote it."}
  site_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance that they are about."}
  deployment_type: {type: STRING, description: "How it is deployed."}
  hosted_on: {type: STRING, description: "Cloud provider, or own data centre."}
  sourcegraph_version: {type: STRING, description: "Version of Sourcegraph."}
  kubernetes_version: {type: STRING, description: "Version of Kubernetes."}
  is_air_gapped: {type: BOOL, description: "Whether the instance has no way to the internet."}
  external_databases: {type: ARRAY<STRING>, description: "Databases that are not the bundled ones."}
  object_storage: {type: STRING, description: "Where uploads are kept."}
  code_hosts: {type: ARRAY<STRING>, description: "Kinds of connected code hosts."}
  auth_providers: {type: ARRAY<STRING>, description: "Kinds of sign-in."}
  repository_count: {type: INT64, description: "Repositories that are synced."}
  largest_repository_gib: {type: FLOAT64, description: "Size of the largest repository, in GiB."}
  user_count: {type: INT64, description: "User accounts."}
  cpu_count: {type: INT64, description: "CPU cores of all services together."}
  memory_gib: {type: FLOAT64, description: "Memory of all services together, in GiB."}
  has_executors: {type: BOOL, description: "Whether executors run jobs of the instance."}
  monitoring: {type: ARRAY<STRING>, description: "Tools that watch the instance."}
  planned_changes: {type: STRING, class: personal, description: "What the customer plans, in the respondent's words."}
*/
with
answer as (
    select *
    from raw_customer_environment.response
    where account_id is not null and _deleted_at is null
),

followed as (
    select
        *,
        lead(submitted_at) over (
            partition by account_id order by submitted_at asc, respondent_email desc
        ) as replaced_at
    from answer
)

select
    submitted_at,
    respondent_email,
    account_id,
    replaced_at,
    replaced_at is null as is_newest,
    customer,
    site_id,
    deployment_type,
    hosted_on,
    sourcegraph_version,
    kubernetes_version,
    is_air_gapped,
    external_databases,
    object_storage,
    code_hosts,
    auth_providers,
    repository_count,
    largest_repository_gib,
    user_count,
    cpu_count,
    memory_gib,
    has_executors,
    monitoring,
    planned_changes
from followed
