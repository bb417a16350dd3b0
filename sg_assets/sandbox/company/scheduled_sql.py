"""The SQL of the made-up company's scheduled queries, by the name that people gave each: written over years by many.

Some only select, from tables that exist; others write by themselves, read the day of their run, or ask another
database. When they run, and on whose account, is in `scheduled_queries.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

SQL: Mapping[str, str] = {
    "instances scheduled query 1": """-- The newest ping of each instance.
SELECT
  remote_site_id AS site_id,
  timestamp AS last_ping_at,
  remote_site_version AS version,
  installer_email,
  SAFE_CAST(total_user_accounts AS INT64) AS user_count
FROM `made-up-analytics.raw_pings.ping`
WHERE remote_site_id IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY remote_site_id ORDER BY timestamp DESC, _object DESC, _line DESC) = 1
""",
    "instances scheduled query 2": """SELECT version, COUNT(*) AS instance_count, SUM(user_count) AS user_count
FROM `made-up-analytics`.sourcegraph_analytics.instances_1
GROUP BY version
ORDER BY instance_count DESC, version
""",
    "server_daily_usage": """SELECT site_id, DATE(timestamp) AS day_on, COUNT(DISTINCT user_id) AS user_count
FROM raw_events.managed_event
WHERE DATE(timestamp) = @run_date
GROUP BY 1, 2
""",
    "amplitude_events_v5": """SELECT
  CONCAT(CAST(user_id AS STRING), ':', name) AS insert_id,
  name AS event_type,
  timestamp AS event_time,
  CURRENT_TIMESTAMP() AS exported_at
FROM raw_events.dotcom_event
WHERE DATE(timestamp) >= DATE_SUB(CURRENT_DATE(), INTERVAL 2 DAY)
""",
    "event-usage-to-amplitude-sg-cloud": """EXPORT DATA OPTIONS (
  uri = 'gs://event-usage-to-amplitude-sg-cloud/*.json', format = 'JSON', overwrite = true
) AS
SELECT * FROM `made-up-analytics.sourcegraph_analytics.amplitude_events_v5`
""",
    "usage-data-amplitude": """CREATE TEMP TABLE recent AS
SELECT * FROM raw_events.dotcom_event WHERE DATE(timestamp) = @run_date;
EXPORT DATA OPTIONS (uri = 'gs://usage-data-amplitude/*.json', format = 'JSON') AS SELECT * FROM recent;
INSERT INTO sourcegraph_analytics.amplitude_exports (exported_on, row_count)
SELECT @run_date, COUNT(*) FROM recent
""",
    "events_usage": "SELECT * FROM raw_events.dotcom_event WHERE DATE(timestamp) = @run_date\n",
    "users": """SELECT * FROM EXTERNAL_QUERY(
  'made-up-analytics.us.sg-cloud', 'select id, username, created_at from users where deleted_at is null'
)
""",
    "survey_responses": """SELECT id, user_id, email, score, better AS what_would_be_better, created_at
FROM raw_production_db.survey_responses
WHERE _deleted_at IS NULL
""",
    "latest answers": """/* What each customer answered last; see dashboard 170. */
SELECT
  a.account_id,
  a.customer,
  b.name AS account_name,
  a.submitted_at,
  a.respondent_email,
  a.deployment_type,
  a.sourcegraph_version,
  a.user_count,
  ARRAY_LENGTH(a.code_hosts) AS code_host_count
FROM `made-up-analytics.raw_customer_environment.response` AS a
LEFT JOIN raw_salesforce.account AS b ON b.id = a.account_id
WHERE a.account_id IS NOT NULL AND a._deleted_at IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY submitted_at DESC, respondent_email) = 1;
""",
    "dashboard 170 trend": """SELECT
  DATE_TRUNC(DATE(submitted_at), MONTH) AS month_on,
  COALESCE(deployment_type, 'not answered') AS deployment,
  COUNT(DISTINCT account_id) AS customers,
  AVG(user_count) AS mean_user_count
FROM raw_customer_environment.response
GROUP BY month_on, deployment
""",
    "events of the EU": """SELECT DISTINCT name, source, DATE(timestamp) AS day_on
FROM raw_events.managed_event
WHERE url LIKE '%.eu/%'
""",
    "nobody knows whose": "SELECT @run_time AS asked_at, * FROM `somebody-elses-project.tmp.things`\n",
    "made after the anchor": """SELECT
  type,
  DATE_DIFF(active_contract_period_end_on, CURRENT_DATE(), DAY) AS days_left,
  SUM(arr_usd) AS arr_usd
FROM raw_salesforce.account
WHERE NOT is_deleted AND active_contract_period_end_on >= @run_date
GROUP BY type, days_left
""",
}
