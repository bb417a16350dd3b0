"""Tables about marketing, compared with what the made-up company's generator knows to be true."""

from datetime import date, datetime

from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.lead_scores import LeadScore, score_of
from sg_assets.sandbox.company.outreach import Outreach
from sg_assets.sandbox.company.tag_containers import TAG, TagContainers
from sg_assets.sandbox.company.web_reports import WebReports
from sg_assets.sandbox.company.web_traffic import WebTraffic
from sg_assets_tests.truth_world import World


def scores(world: World) -> dict[object, LeadScore]:
    """The true score of every lead that was not deleted, by address."""
    company = world.env.sandbox.company
    found: dict[object, LeadScore] = {}
    for one in Crm(CrmChanges(company)).at(world.env.clock())["Lead"].values():
        email, marketed, created = str(one["Email"]), one["MQL_Date__c"], one["CreatedDate"]
        assert isinstance(created, datetime)
        if not one["IsDeleted"]:
            found[email] = score_of(company, email, marketed if isinstance(marketed, date) else None, created.date())
    return found


def test_who_is_qualified_by_marketing_or_the_product_and_since_when(world: World) -> None:
    found = {
        email: tuple(rest)
        for email, *rest in world.rows(
            "select email, qualification, mql_on, pql_on, is_as_in_sheet from marketing.lead"
        )
    }
    true = {email: (one.stage, one.mql_on, one.pql_on, True) for email, one in scores(world).items()}
    assert {email: row for email, row in found.items() if email in true} == true
    assert {row[0] for row in true.values()} == {"Lead", "MQL", "PQL"}
    assert {row[0] for email, row in found.items() if email not in true} == {"Lead"}


def test_the_people_of_every_sequence_and_what_became_of_them(world: World) -> None:
    at, outreach = world.env.clock(), Outreach(world.env.sandbox.company)
    true = {}
    for id_, listed in outreach.recipients(at).items():
        states: dict[str, set[str]] = {}
        for one in listed:
            states.setdefault(one.email.lower(), set()).add(one.state(at))
        active = sum("active" in each for each in states.values())
        true[id_] = (len(states), active, sum(each == {"failed"} for each in states.values()))
    found = world.by_key(
        "select sequence_id, people, active_people, failed_people from marketing.sequence_performance"
        " where not is_history"
    )
    assert found == {id_: true[str(id_)] for id_ in found}
    assert any(people for people, _, _ in true.values())
    history = world.rows("select sequence_id from marketing.sequence_performance where is_history")
    assert len(history) == 5, "Apollo's, kept apart"


def test_every_live_tag_trigger_and_variable_is_in_the_inventory(world: World) -> None:
    at, containers = world.env.clock(), TagContainers(world.env.sandbox.company)
    true = set()
    for container in containers.containers:
        version = containers.live(container, at)
        for one in version.elements if version else ():
            is_paused = one.kind == TAG and bool(one.settings.get("paused", False))
            true.add((container.name, one.kind, one.id, one.name, one.type, is_paused, one.fingerprint))
    found = world.rows(
        "select container_name, kind, element_id, element_name, element_type, is_paused,"
        " cast(unix_millis(last_saved_at) as string) from marketing.tag_inventory where is_live"
    )
    assert set(found) == true
    assert len(found) == len(true)


def test_every_visit_of_a_settled_day_is_counted_with_what_people_did(world: World) -> None:
    traffic = WebTraffic(world.env.sandbox.company)
    reports = WebReports(traffic)
    found = world.by_key(
        "select day_on, sum(sessions), sum(engaged_sessions), sum(page_views), sum(lead_forms), sum(demo_requests)"
        " from marketing.web_traffic_day where is_settled group by day_on"
    )
    days = [day for day in found if isinstance(day, date) and not reports.is_withheld(day)]
    assert len(days) > 30
    assert {day: found[day] for day in days} == {
        day: (
            len(visits := traffic.visits(day)),
            sum(visit.is_engaged for visit in visits),
            sum(len(visit.pages) for visit in visits),
            len(traffic.leads(day)),
            len(traffic.demos(day)),
        )
        for day in days
    }


def test_the_funnel_has_everybody_in_the_month_of_the_true_day(world: World) -> None:
    true: dict[date, int] = {}
    for one in scores(world).values():
        if one.mql_on is not None:
            month = one.mql_on.replace(day=1)
            true[month] = true.get(month, 0) + 1
    found = world.by_key("select month_on, mqls from marketing.funnel_month where mqls > 0")
    assert found == true
