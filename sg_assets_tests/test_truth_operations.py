"""Tables about ourselves, compared with what the made-up company's generator knows to be true."""

from datetime import UTC, datetime, time

from sg_assets.sandbox.company.data_requests import Question
from sg_assets.sandbox.company.github_board import data_requests
from sg_assets.sandbox.company.looker_access import access
from sg_assets.sandbox.company.looker_content import tables_read
from sg_assets.sandbox.company.scheduled_queries import owners, run_by_people
from sg_assets_tests.truth_world import World


def test_every_data_request_is_the_true_one(world: World) -> None:
    found = world.by_key(
        "select issue_number, says_what_for, says_what_it_looks_like, says_by_when, says_how_necessary, is_complete,"
        " opened_at, triaged_at, is_triaged_in_time, closed_at from operations.data_request"
    )
    at = world.env.clock()
    midnight = datetime.combine(at.date(), time(), UTC)  # as of when the table judges what did not happen yet
    true = {
        number: (
            *(question in one.answered for question in Question),
            one.is_complete(),
            one.created_at,
            one.triaged_at,
            one.is_in_time(at if one.triaged_at else midnight),
            one.closed_at,
        )
        for number, one in data_requests(world.env.sandbox.company, at).items()
    }
    assert found == true
    assert {row[7] for row in true.values()} == {True, False, None}, "in time, too late, not known yet"


def test_everybodys_access_to_looker_is_the_true_one(world: World) -> None:
    found = world.by_key(
        "select user_id, is_in_group, has_role, follows_rule, has_more_rights, department from operations.looker_access"
    )
    everybody = access(world.env.sandbox.company, world.env.clock())
    assert found == {
        id_: (
            one.is_in_group,
            one.has_role,
            one.follows_the_rule,
            one.has_more_rights,
            one.department if one.is_in_group else None,
        )
        for id_, one in everybody.items()
    }
    kinds = {(one.is_in_group, one.has_role) for one in everybody.values()}
    assert len(kinds) == 4, "every way to follow the rule and to break it occurs"


def test_every_dashboard_and_look_reads_the_true_tables(world: World) -> None:
    found = world.by_key(
        "select concat(content_type, ' ', content_id), tables_read from operations.looker_content where not is_lookml"
    )
    true = tables_read(world.env.sandbox.company, world.env.clock())
    assert found == {name: sorted(tables) for name, tables in true.items()}
    assert world.rows("select count(*) from operations.looker_content where is_lookml") != [(0,)]


def test_every_scheduled_query_has_its_true_owner(world: World) -> None:
    company, at = world.env.sandbox.company, world.env.clock()
    assert world.by_key("select query_name, owner_email from operations.scheduled_query") == owners(company, at)
    by_people = world.rows("select query_name from operations.scheduled_query where not is_owned_by_service_account")
    assert {name for (name,) in by_people} == run_by_people(company, at)
    unknown = world.rows("select query_name from operations.scheduled_query where is_owned_by_service_account is null")
    assert {name for (name,) in unknown} == {name for name, owner in owners(company, at).items() if owner is None}
