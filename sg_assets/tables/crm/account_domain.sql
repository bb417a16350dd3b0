/*
description: |
  One row per internet domain that belongs to exactly one account (key: domain).

  Tells the company from an e-mail address. A domain belongs to the account whose website it is, else to the account
  whose contacts write from it; a domain that two accounts claim equally well belongs to neither. Domains of free mail
  say nothing of a company and are left out, as is our own, because our people install instances for customers: the list
  of them is here and nowhere else.
owner: team:sales-ops
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [domain]
columns:
  domain: {type: STRING, description: "Domain in lower case, without www, such as example.com."}
  account_id: {type: STRING, description: "Account that it belongs to: `crm.account`."}
  known_from: {type: STRING, description: "`website` or `contact`: where Salesforce names the domain."}
*/
with
claim as (
    select
        account_id,
        regexp_extract(lower(trim(website)), r'^(?:https?://)?(?:www\.)?([^/:?#]+)') as domain,
        'website' as known_from
    from crm.account
    union distinct
    select
        contact.account_id,
        regexp_extract(contact.email, r'@([^@]+)$') as domain,
        'contact' as known_from
    from crm.contact
    inner join crm.account on contact.account_id = account.account_id
),

counted as (
    select
        *,
        count(*) over (partition by domain, known_from) as claimants
    from claim
    where domain not in (
        '126.com', '163.com', 'aol.com', 'fastmail.com', 'gmail.com', 'gmx.de', 'gmx.net', 'googlemail.com',
        'hey.com', 'hotmail.com', 'icloud.com', 'live.com', 'mac.com', 'mail.com', 'mail.ru', 'me.com', 'msn.com',
        'outlook.com', 'pm.me', 'proton.me', 'protonmail.com', 'qq.com', 'sourcegraph.com', 'web.de', 'yahoo.com',
        'yandex.ru', 'ymail.com', 'zoho.com'
    )
),

best as (
    select *
    from counted
    qualify rank() over (partition by domain order by if(known_from = 'website', 1, 2)) = 1
)

select
    domain,
    account_id,
    known_from
from best
where claimants = 1
