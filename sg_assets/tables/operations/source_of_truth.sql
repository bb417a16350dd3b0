/*
description: |
  One row per metric: what it means, which table of ours has it, and where people look at it (key: metric).

  The list is written here. A metric has one table; whoever shows the metric anywhere else shows that table. `tool` and
  `place` say where the company looks at it first, as its handbook names it.
owner: team:analytics
promise: {frozen: "written by people, here: it changes with this file"}
key: [metric]
not_empty: true
columns:
  metric: {type: STRING, description: "What people call it."}
  definition: {type: STRING, description: "What it means, in a sentence."}
  table_name: {type: STRING, description: "Table that has it, as dataset.table."}
  tool: {type: STRING, description: "Tool in which the company looks at it."}
  place: {type: STRING, description: "Where in that tool; null where no place was named."}
  team: {type: STRING, description: "Team that answers for its meaning; null where none was named."}
*/
select
    metric,
    definition,
    table_name,
    tool,
    place,
    team
from unnest([
    struct(
        'Telemetry status' as metric,
        'What a customer sends: nothing, critical pings, full pings, or these and user-level data.' as definition,
        'customers.telemetry_status' as table_name, 'Looker' as tool, 'look 1366, later 1527' as place,
        cast(null as string) as team
    ),
    struct(
        'Active user' as metric, 'A person who did anything but sign in, in the period.' as definition,
        'product.user_day' as table_name, 'Looker' as tool, 'look 729, later 1513' as place, 'Product' as team
    ),
    struct(
        'Daily, weekly, monthly active users' as metric,
        'Distinct active users of the day, week (from Sunday) or calendar month in UTC, to date.' as definition,
        'product.active_users_day' as table_name, 'Looker' as tool, cast(null as string) as place, 'Product' as team
    ),
    struct(
        'DAU/MAU' as metric,
        'Mean of the daily active users of a month, divided by its monthly active users.' as definition,
        'product.engagement_month' as table_name, 'Looker' as tool, 'look 1033, later 1521' as place,
        'Product' as team
    ),
    struct(
        'DAU/WAU' as metric,
        'Mean of the daily active users of a week, divided by its weekly active users.' as definition,
        'product.engagement_month' as table_name, 'Looker' as tool, 'look 1034, later 1517' as place,
        'Product' as team
    ),
    struct(
        'Retained users' as metric, 'Active in the last month and in this one.' as definition,
        'product.user_state_month' as table_name, 'Amplitude' as tool, 'sourcegraph.com' as place, 'Product' as team
    ),
    struct(
        'Churned users' as metric, 'Active in the last month, not in this one.' as definition,
        'product.user_state_month' as table_name, 'Amplitude' as tool, 'sourcegraph.com' as place, 'Product' as team
    ),
    struct(
        'Resurrected users' as metric,
        'Active in this month, not in the last one, with an older account.' as definition,
        'product.user_state_month' as table_name, 'Amplitude' as tool, 'sourcegraph.com' as place, 'Product' as team
    ),
    struct(
        'Created and deleted users' as metric, 'Accounts that were created, or deleted, in the month.' as definition,
        'product.user_state_month' as table_name, 'Amplitude' as tool, 'sourcegraph.com' as place, 'Product' as team
    ),
    struct(
        'Growth of an instance' as metric,
        'Retained, churned, resurrected, created and deleted users, as the instance counts them itself.' as definition,
        'pings.growth_month' as table_name, 'Looker' as tool, cast(null as string) as place, 'Product' as team
    ),
    struct(
        'Saturation' as metric, 'Users of a feature, divided by the users who have access to it.' as definition,
        'product.feature_saturation_month' as table_name, 'Looker' as tool, 'dashboard 217, later 454' as place,
        'Product' as team
    ),
    struct(
        'Retention by cohort' as metric,
        'Share of the users who began in a week that are active in a later one.' as definition,
        'product.retention_cohort_week' as table_name, 'Amplitude' as tool, cast(null as string) as place,
        'Product' as team
    ),
    struct(
        'NPS' as metric,
        'Share of promoters (9 and 10) less share of detractors (0 to 6), of all answers.' as definition,
        'product.nps_month' as table_name, 'Looker' as tool, 'dashboard 128' as place, 'Product' as team
    ),
    struct(
        'Technical health score' as metric, 'Adoption, DAU/MAU and versions behind, put together.' as definition,
        'customers.technical_health' as table_name, 'Looker' as tool, 'dashboard 179, later 389' as place,
        'Customer Engineering' as team
    ),
    struct(
        'Adoption' as metric,
        'Monthly active users, divided by seats bought; by all possible users where seats are unlimited.' as definition,
        'customers.adoption_month' as table_name, 'Looker' as tool, 'look 1332; average: look 1333' as place,
        'Customer Engineering' as team
    ),
    struct(
        'Versions behind' as metric, 'Releases that came out after the version that an instance runs.' as definition,
        'pings.version_day' as table_name, 'Looker' as tool, cast(null as string) as place,
        'Customer Engineering' as team
    ),
    struct(
        'Account setups' as metric, 'Instances that were set up.' as definition, 'pings.instance' as table_name,
        'Looker' as tool, 'dashboard 257' as place, 'Product' as team
    ),
    struct(
        'Customer of an instance' as metric,
        'The account in Salesforce that an instance belongs to, and how that is known.' as definition,
        'customers.instance_link' as table_name, 'Looker' as tool, cast(null as string) as place,
        'Customer Engineering' as team
    ),
    struct(
        'Customer environment' as metric,
        'How a customer runs the product, as customer engineers wrote it down last.' as definition,
        'customers.environment_latest' as table_name, 'Looker' as tool, 'dashboard 170' as place,
        'Distribution' as team
    ),
    struct(
        'License seats' as metric, 'Users that the active licence of a subscription is for.' as definition,
        'licensing.subscription' as table_name, 'Sourcegraph.com site admin' as tool, 'Subscriptions' as place,
        'Sales' as team
    ),
    struct(
        'ARR' as metric, 'Annual recurring revenue of all customers.' as definition, 'sales.arr_month' as table_name,
        'Google Sheets' as tool, 'ARR tracker' as place, 'Finance' as team
    ),
    struct(
        'New business IARR' as metric,
        'Revenue of customers that pay for the first time, or again after they had cancelled.' as definition,
        'sales.arr_month' as table_name, 'Google Sheets' as tool, 'ARR tracker' as place, 'Finance' as team
    ),
    struct(
        'Expansion IARR' as metric, 'Revenue that existing customers added.' as definition,
        'sales.arr_month' as table_name, 'Google Sheets' as tool, 'ARR tracker' as place, 'Finance' as team
    ),
    struct(
        'Churned IARR' as metric, 'Revenue that existing customers took away, by less or by an end.' as definition,
        'sales.arr_month' as table_name, 'Google Sheets' as tool, 'ARR tracker' as place, 'Finance' as team
    ),
    struct(
        'Net dollar retention' as metric,
        'Revenue now of the customers of the start, divided by their revenue then.' as definition,
        'sales.arr_month' as table_name, 'Google Sheets' as tool, 'ARR tracker' as place, 'Finance' as team
    ),
    struct(
        'Gross retention' as metric, 'The same without expansion.' as definition, 'sales.arr_month' as table_name,
        'Google Sheets' as tool, 'ARR tracker' as place, 'Finance' as team
    ),
    struct(
        'Average sales price' as metric,
        'New business revenue, divided by the number of new customers.' as definition,
        'sales.average_sales_price_quarter' as table_name, 'Google Sheets' as tool, 'ARR tracker' as place,
        'Sales' as team
    ),
    struct(
        'Win rate' as metric, 'Opportunities won, divided by those that closed in the quarter.' as definition,
        'sales.win_rate_quarter' as table_name, 'Salesforce' as tool, cast(null as string) as place, 'Sales' as team
    ),
    struct(
        'Close rate' as metric,
        'Opportunities won by now, divided by those that were qualified in the quarter.' as definition,
        'sales.close_rate_quarter' as table_name, 'Salesforce' as tool, cast(null as string) as place,
        'Sales' as team
    ),
    struct(
        'Pipeline' as metric, 'Open opportunities; qualified is what has reached stage 2.' as definition,
        'sales.pipeline_snapshot_day' as table_name, 'Salesforce' as tool, 'reports' as place, 'Sales' as team
    ),
    struct(
        'MQL' as metric, 'A lead with 15 or more points from campaigns.' as definition,
        'marketing.lead' as table_name, 'Google Sheets' as tool, 'Lead analytics' as place, 'Marketing' as team
    ),
    struct(
        'PQL' as metric, 'A lead whose use of the product has the grade A or B.' as definition,
        'marketing.lead' as table_name, 'Google Sheets' as tool, 'Lead analytics' as place, 'Product' as team
    ),
    struct(
        'Funnel' as metric, 'From visitor to MQL, PQL, opportunity and customer, month by month.' as definition,
        'marketing.funnel_month' as table_name, 'Looker' as tool, cast(null as string) as place, 'Marketing' as team
    ),
    struct(
        'Visitors (web)' as metric,
        'Distinct people on our sites: by account where signed in, else by browser.' as definition,
        'marketing.web_traffic_day' as table_name, 'Looker' as tool, 'dashboards 362, 367, 368' as place,
        'Marketing' as team
    ),
    struct(
        'Sessions (web)' as metric, 'Visits that end after 30 minutes without an event.' as definition,
        'events.session' as table_name, 'Looker' as tool, 'dashboards 362, 367, 368' as place, 'Marketing' as team
    ),
    struct(
        'Data requests' as metric,
        'What people ask the analytics team for, how completely, and how fast it is triaged.' as definition,
        'operations.data_request' as table_name, 'GitHub' as tool, 'project 63' as place, 'Analytics' as team
    ),
    struct(
        'Access to Looker' as metric, 'Who has the group and the role of the department.' as definition,
        'operations.looker_access' as table_name, 'Looker' as tool, 'Admin: users' as place, 'Analytics' as team
    ),
    struct(
        'Freshness' as metric,
        'Up to when each table is complete, and whether that is what it promises.' as definition,
        'sg_ops.freshness' as table_name, 'Dagster' as tool, cast(null as string) as place, 'Analytics' as team
    )
])
