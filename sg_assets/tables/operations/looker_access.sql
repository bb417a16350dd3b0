/*
description: |
  One row per account of a person in Looker that can be used, with what the handbook says that it should have (key:
  user_id).

  The rule of the handbook (2022): everybody is in the Looker group of their department and has its role, which is View
  for all departments; both are needed. More rights than that are given on request; they break no rule, and are told
  apart here. The department is known from the group alone: of who is in none, it is not known. Accounts that are
  switched off, deleted, used by programs only, or belong to Looker's own support are left out.
owner: team:analytics
promise: {cron: "30 6 * * *", timezone: UTC, warn: 28h, fail: 40h}
key: [user_id]
columns:
  user_id: {type: STRING, class: pseudonymous, description: "Looker's id of the user."}
  user_name: {type: STRING, class: personal, description: "Name of the person."}
  email: {type: STRING, class: personal, description: "E-mail address of the person."}
  department: {type: STRING, description: "Department in whose group the person is; null in none."}
  required_role: {type: STRING, description: "Role that the handbook gives to the department."}
  is_in_group: {type: BOOL, description: "Whether the person is in the group of a department."}
  has_role: {type: BOOL, description: "Whether the person has the required role."}
  follows_rule: {type: BOOL, description: "Whether both hold."}
  missing: {type: STRING, description: "`group`, `role` or `group and role`: what is to be given; null: nothing."}
  has_more_rights: {type: BOOL, description: "Whether the person has roles beside the required one."}
  more_roles: {type: ARRAY<STRING>, description: "Names of those roles, in alphabetical order."}
  is_admin: {type: BOOL, description: "Whether one of the roles permits everything."}
  group_names: {type: ARRAY<STRING>, description: "Groups that the person is in, All Users left out, alphabetically."}
  role_names: {type: ARRAY<STRING>, description: "Roles that the person has, by group or not, alphabetically."}
  account_since_at: {type: TIMESTAMP, description: "When the person was first given a way to sign in."}
  last_login_at: {type: TIMESTAMP, description: "When the person last signed in; null where that never happened."}
  days_since_login: {type: INT64, description: "UTC days from then until today."}
*/
with
rule as (
    select
        department,
        'View' as role_name
    from unnest([
        'Engineering', 'Marketing', 'Customer Support', 'People Ops', 'Talent', 'CTO', 'Customer Engineering', 'Sales',
        'Product'
    ]) as department
),

rule_of_others as (
    select
        'View' as role_name,
        '1' as everybodys_group_id
),

person as (
    select *
    from raw_looker.user
    where
        _deleted_at is null
        and not coalesce(is_disabled, false)
        and not coalesce(is_looker_employee, false)
        and email is not null
),

membership as (
    select
        group_membership.user_id,
        looker_group.name as group_name,
        rule.role_name,
        row_number() over (
            partition by group_membership.user_id
            order by if(rule.department is null, 2, 1), looker_group.name, looker_group.id
        ) as place
    from raw_looker.group_membership
    inner join raw_looker.`group` as looker_group on group_membership.group_id = looker_group.id
    cross join rule_of_others
    left join rule on looker_group.name = rule.department
    where
        group_membership._deleted_at is null
        and looker_group._deleted_at is null
        and looker_group.id != rule_of_others.everybodys_group_id
),

in_groups as (
    select
        user_id,
        max(if(place = 1, group_name, null)) as department,
        max(if(place = 1, role_name, null)) as role_name,
        array_agg(group_name order by group_name) as group_names
    from membership
    group by user_id
),

required as (
    select
        person.id,
        in_groups.department,
        in_groups.group_names,
        coalesce(in_groups.role_name, rule_of_others.role_name) as role_name
    from person
    cross join rule_of_others
    left join in_groups on person.id = in_groups.user_id
),

held as (
    select
        person.id,
        role.name as role_name,
        role.permits_everything
    from person
    cross join unnest(person.role_ids) as role_id
    inner join raw_looker.role on role_id = role.id
    where role._deleted_at is null
),

in_roles as (
    select
        held.id,
        logical_or(held.role_name = required.role_name) as has_role,
        logical_or(coalesce(held.permits_everything, false)) as is_admin,
        array_agg(held.role_name order by held.role_name) as role_names,
        array_agg(
            if(held.role_name = required.role_name, null, held.role_name) ignore nulls order by held.role_name
        ) as more_roles
    from held
    inner join required on held.id = required.id
    group by held.id
),

judged as (
    select
        required.*,
        required.department is not null as is_in_group,
        coalesce(in_roles.has_role, false) as has_role,
        coalesce(in_roles.is_admin, false) as is_admin,
        coalesce(in_roles.role_names, []) as role_names,
        coalesce(in_roles.more_roles, []) as more_roles
    from required
    left join in_roles on required.id = in_roles.id
)

select
    person.id as user_id,
    person.display_name as user_name,
    person.email,
    judged.department,
    judged.role_name as required_role,
    judged.is_in_group,
    judged.has_role,
    judged.is_in_group and judged.has_role as follows_rule,
    case
        when judged.is_in_group and judged.has_role then null
        when judged.is_in_group then 'role'
        when judged.has_role then 'group'
        else 'group and role'
    end as missing,
    array_length(judged.more_roles) > 0 as has_more_rights,
    judged.more_roles,
    judged.is_admin,
    coalesce(judged.group_names, []) as group_names,
    judged.role_names,
    person.login_created_at as account_since_at,
    person.last_login_at,
    date_diff(current_date(), extract(date from person.last_login_at), day) as days_since_login
from person
inner join judged on person.id = judged.id
