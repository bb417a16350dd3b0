/*
description: |
  One row per instance that ever pinged, with the customer that it belongs to (key: instance_id).

  The links are tried in this order, and `linked_by` says which one held:

  1. `licence`: its licence key is a licence on sourcegraph.com, whose subscription belongs to the user account
     CompanyName-UniqueId; UniqueId is the number of the account in Salesforce, or of one merged into it.
  2. `salesforce_opportunity`: the opportunity that its licence was sold in is with the account.
  3. `salesforce_subscription`: another licence of the same Salesforce subscription is linked to the account.
  4. `installer_email_domain`: whoever installed it has an address of the account's domain (`crm.account_domain`).
  5. `none`: nothing says whose it is. Free instances and self-service trials are here.
owner: team:analytics
promise: {cron: "25 * * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [instance_id]
columns:
  instance_id: {type: STRING, class: pseudonymous, description: "Identifier of the instance (Site ID in Looker)."}
  linked_by:
    type: STRING
    description: "`licence`, `salesforce_opportunity`, `salesforce_subscription`, `installer_email_domain` or `none`."
  account_id:
    type: STRING
    description: "Salesforce account that it belongs to: `crm.account`; null when linked by `none`."
  account_name: {type: STRING, description: "Name of that account."}
  license_id: {type: STRING, description: "Its licence in `licensing.license`; null when its key is not known there."}
  subscription_id: {type: STRING, description: "Subscription of that licence: `licensing.subscription`."}
  company_name:
    type: STRING
    description: "Company in the username that owns the subscription; null when that was deleted."
*/
with
account_number as (
    select
        account.account_id,
        number
    from crm.account
    cross join unnest(account.unique_account_ids) as number
    qualify row_number() over (
        partition by number
        order by if(number = account.unique_account_id, 1, 2), account.created_at, account.account_id
    ) = 1
),

license as (
    select
        license.license_key_sha256,
        license.license_id,
        license.subscription_id,
        license.salesforce_subscription_id,
        license.salesforce_opportunity_id,
        subscription.company_name,
        account_number.account_id
    from licensing.license
    left join licensing.subscription on license.subscription_id = subscription.subscription_id
    left join account_number on subscription.unique_account_id = account_number.number
    where license.license_key_sha256 is not null
    qualify row_number() over (
        partition by license.license_key_sha256
        order by license.created_at desc, license.license_id desc
    ) = 1
),

salesforce_subscription as (
    select
        salesforce_subscription_id,
        min(license.account_id) as account_id
    from license
    group by salesforce_subscription_id
    having count(distinct license.account_id) = 1
),

candidate as (
    select
        instance.instance_id,
        license.license_id,
        license.subscription_id,
        license.company_name,
        license.account_id as by_license,
        sold_to.account_id as by_opportunity,
        salesforce_subscription.account_id as by_subscription,
        account_domain.account_id as by_domain
    from pings.instance
    left join license on instance.license_key_sha256 = license.license_key_sha256
    left join crm.opportunity
        on coalesce(
            instance.license_salesforce_opportunity_id, license.salesforce_opportunity_id
        ) = opportunity.opportunity_id
    left join crm.account as sold_to on opportunity.account_id = sold_to.account_id
    left join salesforce_subscription
        on coalesce(
            instance.license_salesforce_subscription_id, license.salesforce_subscription_id
        ) = salesforce_subscription.salesforce_subscription_id
    left join crm.account_domain on regexp_extract(instance.installer_email, r'@([^@]+)$') = account_domain.domain
)

select
    candidate.instance_id,
    case
        when candidate.by_license is not null then 'licence'
        when candidate.by_opportunity is not null then 'salesforce_opportunity'
        when candidate.by_subscription is not null then 'salesforce_subscription'
        when candidate.by_domain is not null then 'installer_email_domain'
        else 'none'
    end as linked_by,
    account.account_id,
    account.account_name,
    candidate.license_id,
    candidate.subscription_id,
    candidate.company_name
from candidate
left join crm.account
    on coalesce(
        candidate.by_license, candidate.by_opportunity, candidate.by_subscription, candidate.by_domain
    ) = account.account_id
