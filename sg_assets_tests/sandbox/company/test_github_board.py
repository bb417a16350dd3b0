from datetime import datetime, timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.data_requests import Question
from sg_assets.sandbox.company.github_board import DRAFTS, HIDDEN, data_requests, items, sprint
from sg_assets.sandbox.company.github_threads import ANALYTICS, Thread, threads
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_requests_are_complete_or_not_and_triaged_in_time_or_not(company: Company) -> None:
    found = data_requests(company, ANCHOR)
    assert {one.is_complete() for one in found.values()} == {True, False}
    assert {one.is_in_time(ANCHOR) for one in found.values()} >= {True, False}
    assert all(one.answered <= set(Question) for one in found.values())


def test_within_a_day_nobody_knows_yet_whether_a_request_is_triaged_in_time(company: Company) -> None:
    number, one = next((n, one) for n, one in data_requests(company, ANCHOR).items() if one.triaged_at is None)
    early = data_requests(company, one.created_at + timedelta(hours=1))[number]
    assert (early.is_in_time(one.created_at + timedelta(hours=1)), one.is_in_time(ANCHOR)) == (None, False)


def test_no_request_was_triaged_so_near_to_a_day_that_a_second_decides(company: Company) -> None:
    times = [one.triaged_at - one.created_at for one in data_requests(company, ANCHOR).values() if one.triaged_at]
    assert not [time for time in times if timedelta(hours=22) < time < timedelta(hours=26)]


def test_a_request_that_was_deleted_or_transferred_is_none(company: Company) -> None:
    gone = {one.number for one in threads(company, ANALYTICS, ANCHOR) if not one.is_there(ANCHOR)}
    assert gone
    assert not gone & set(data_requests(company, ANCHOR))


def test_the_first_status_is_given_when_the_team_looks_at_it(company: Company) -> None:
    for item in items(company, ANCHOR):
        if item.thread and item.moves:
            assert item.moves[0][0] == item.thread.triaged_at
            assert item.status(item.created_at) is None
    statuses = {item.status(ANCHOR) for item in items(company, ANCHOR)}
    assert statuses == {None, "Backlog", "In progress", "Done"}


def test_the_board_has_drafts_and_what_may_not_be_seen(company: Company) -> None:
    others = [item for item in items(company, ANCHOR) if item.thread is None]
    assert len([item for item in others if item.title]) == len(DRAFTS)
    assert len([item for item in others if not item.title]) == HIDDEN
    assert {item.is_archived(ANCHOR) for item in items(company, ANCHOR)} == {True, False}


def test_a_deleted_issue_is_off_the_board_and_a_transferred_one_is_not(company: Company) -> None:
    on = {item.thread.number for item in items(company, ANCHOR) if item.thread}
    gone = [one for one in threads(company, ANALYTICS, ANCHOR) if not one.is_there(ANCHOR)]
    assert {one.number for one in gone if one.is_transferred} <= on
    assert not {one.number for one in gone if not one.is_transferred} & on


def test_a_move_on_the_board_does_not_stamp_the_issue(company: Company) -> None:
    found = [item for item in items(company, ANCHOR) if item.thread and "In progress" in dict(item.moves).values()]
    started = {item.thread: next(at for at, name in item.moves if name == "In progress") for item in found}
    assert started
    assert not [at for thread, at in started.items() if thread and at in _stamps(thread)]


def _stamps(thread: Thread) -> set[datetime | None]:
    times = (thread.created_at, thread.triaged_at, thread.edited_at, thread.closed_at, thread.stamped_at)
    return {*times, *thread.commented_at}


def test_an_item_changes_when_it_moves(company: Company) -> None:
    item = next(item for item in items(company, ANCHOR) if len(item.moves) == 3)
    assert [item.updated_at(at) for at, _ in item.moves] == [at for at, _ in item.moves]
    assert item.moved_at(item.created_at) is None


def test_sprints_take_two_weeks() -> None:
    assert sprint(ANCHOR, ANCHOR + DAY) == ("Sprint 100", ANCHOR.date(), 14)
    assert sprint(ANCHOR, ANCHOR - DAY)[0] == "Sprint 99"
