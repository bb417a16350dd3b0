"""What must hold of marketing beyond keys and types: the funnel counts everybody, and traffic what was counted."""

from sg_assets.table_check import finds_nothing

EVERY_LEAD_COUNTS = """
with
funnel as (
    select
        sum(leads) as leads,
        sum(mqls) as mqls,
        sum(pqls) as pqls,
        sum(cohort_mqls) as cohort_mqls,
        sum(cohort_pqls) as cohort_pqls,
        max(last_day(month_on, month)) as last_day_on
    from marketing.funnel_month
),

lead as (
    select
        countif(lead.created_on <= funnel.last_day_on) as leads,
        countif(lead.mql_on <= funnel.last_day_on) as mqls,
        countif(lead.pql_on <= funnel.last_day_on) as pqls,
        countif(lead.created_on <= funnel.last_day_on and lead.mql_on is not null) as cohort_mqls,
        countif(lead.created_on <= funnel.last_day_on and lead.pql_on is not null) as cohort_pqls
    from marketing.lead
    cross join funnel
)

select
    funnel.leads as leads_in_funnel,
    lead.leads,
    funnel.mqls as mqls_in_funnel,
    lead.mqls,
    funnel.pqls as pqls_in_funnel,
    lead.pqls
from funnel
cross join lead
where
    funnel.leads != lead.leads
    or funnel.mqls != lead.mqls
    or funnel.pqls != lead.pqls
    or funnel.cohort_mqls != lead.cohort_mqls
    or funnel.cohort_pqls != lead.cohort_pqls
"""

PARTS_ADD_UP = """
select
    system,
    sequence_id,
    people,
    active_people,
    failed_people,
    completed_people
from marketing.sequence_performance
where
    people != coalesce(active_people, 0) + failed_people + completed_people
    or coalesce(converted_people, 0) > people
    or coalesce(people_with_opportunity, 0) > coalesce(converted_people, 0)
"""

funnel_counts_every_lead = finds_nothing(
    "marketing.funnel_month",
    "counts_every_lead",
    "Over all months there are as many leads, MQLs and PQLs as there are people in marketing.lead.",
    EVERY_LEAD_COUNTS,
)
sequence_parts_add_up = finds_nothing(
    "marketing.sequence_performance",
    "parts_add_up",
    "Active, failed and completed people are all people of a sequence, and no more are converted than these.",
    PARTS_ADD_UP,
)
