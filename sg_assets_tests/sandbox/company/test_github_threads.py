from collections import Counter
from datetime import timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.github_threads import ANALYTICS, HANDBOOK, HOUR, MASS_EDIT, REPOSITORIES, threads
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_numbers_count_issues_and_pull_requests_together(company: Company) -> None:
    for repository in REPOSITORIES:
        found = list(threads(company, repository, ANCHOR))
        assert [one.number for one in found] == list(range(1, len(found) + 1))
        assert {one.is_pull_request for one in found} == {True, False}
        assert [one.created_at for one in found] == sorted(one.created_at for one in found)


def test_ids_are_different_everywhere(company: Company) -> None:
    found = [one for repository in REPOSITORIES for one in threads(company, repository, ANCHOR)]
    assert len({one.id for one in found}) == len({one.node_id for one in found}) == len(found)


def test_nothing_that_was_once_true_changes_later(company: Company) -> None:
    now, later = list(threads(company, ANALYTICS, ANCHOR)), list(threads(company, ANALYTICS, ANCHOR + 9 * DAY))
    assert later[: len(now)] == now
    assert len(later) - len(now) > 15


def test_authors_worked_at_the_company(company: Company) -> None:
    assert all(one.author.works_at(one.created_at) for one in threads(company, ANALYTICS, ANCHOR))


def test_changes_stamp_a_thread(company: Company) -> None:
    one = next(t for t in threads(company, ANALYTICS, ANCHOR) if t.triaged_at and t.closed_at and t.edited_at)
    assert one.triaged_at
    before = one.updated_at(one.triaged_at - timedelta(seconds=1))
    assert before < one.triaged_at <= one.updated_at(one.triaged_at + HOUR)
    assert (one.is_triaged(one.created_at), one.is_triaged(ANCHOR)) == (False, True)
    assert (one.is_closed(one.created_at), one.is_edited(one.created_at)) == (False, False)


def test_many_issues_bear_the_same_second(company: Company) -> None:
    stamps = Counter(one.updated_at(ANCHOR) for one in threads(company, ANALYTICS, ANCHOR))
    assert stamps.most_common(1)[0] == (ANCHOR + MASS_EDIT, max(stamps.values()))
    assert max(stamps.values()) > 100


def test_some_issues_are_deleted_and_some_transferred(company: Company) -> None:
    gone = [one for one in threads(company, ANALYTICS, ANCHOR) if not one.is_there(ANCHOR)]
    assert {one.is_transferred for one in gone} == {True, False}
    assert not any(one.is_pull_request for one in gone)


def test_an_archived_repository_has_nothing_new(company: Company) -> None:
    archived = ANCHOR - 20 * DAY
    assert max(one.created_at for one in threads(company, HANDBOOK, ANCHOR)) <= archived
