/*
description: |
  One row per customer account of which anybody wrote down how it runs the product, with the newest answers (key:
  account_id).

  A talk with the customer is one set of answers to the form about environments. The newest set counts as a whole
  (`customers.environment_answer`): a question that was left out in it is null here, although an older set may have an
  answer. How answers changed over time is in `customers.environment_trend`.
owner: team:analytics
promise: {cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}
key: [account_id]
columns:
  account_id: {type: STRING, description: "Salesforce id of the customer's account."}
  customer: {type: STRING, description: "Name of the customer, as the respondent wrote it."}
  submitted_at: {type: TIMESTAMP, description: "When the answers were submitted, or last edited."}
  answered_on: {type: DATE, description: "UTC day of that."}
  respondent_email: {type: STRING, class: personal, description: "E-mail address of who submitted them."}
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
select
    account_id,
    customer,
    submitted_at,
    extract(date from submitted_at) as answered_on,
    respondent_email,
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
from customers.environment_answer
where is_newest
