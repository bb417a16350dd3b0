"""Handing scheduled queries to the service account: nothing else is changed, proven by reading back."""

from __future__ import annotations

from datetime import timedelta

from sg_assets.freshness.graph import Graph
from sg_assets.http.exchange import Request
from sg_assets.sandbox.company.scheduled_queries import PROJECT, SERVICE_ACCOUNT
from sg_assets.sandbox.faults import Kind
from sg_assets.scheduled_queries.audit import Audited, audit
from sg_assets.scheduled_queries.mending import OF_THE_SERVICE, mend
from sg_assets.sources.scheduled_queries.transfers import hand_over, newest_run
from sg_assets_tests.sandbox.world import NOW, move
from sg_assets_tests.scheduled_queries.conftest import Company


def named(company: Company, graph: Graph, title: str) -> Audited:
    found = audit(company.http, PROJECT, account=SERVICE_ACCOUNT, graph=graph, looker={})
    return next(one for one in found if one.title == title)


def test_only_the_account_is_changed_and_it_runs_again(company: Company, graph: Graph) -> None:
    one = named(company, graph, "latest answers")
    before = company.config(one.title)
    done = mend(company.http, one, SERVICE_ACCOUNT)
    after = company.config(one.title)
    assert (done.owner, done.problem) == (SERVICE_ACCOUNT, "")
    assert after["ownerInfo"] == {"email": SERVICE_ACCOUNT}
    assert after["userId"] != before["userId"]
    assert {k: v for k, v in after.items() if k not in OF_THE_SERVICE} == {
        k: v for k, v in before.items() if k not in OF_THE_SERVICE
    }
    move(company.sandbox, NOW + timedelta(days=1, hours=1))
    newest = newest_run(company.http, one.name)
    assert newest
    assert newest["state"] == "SUCCEEDED"


def test_what_somebody_else_changed_meanwhile_stays(company: Company) -> None:
    old = company.config("users")
    renamed = {**old, "displayName": "people"}
    company.http.send(Request("PATCH", f"/v1/{old['name']}", {"updateMask": "displayName"}, renamed))
    hand_over(company.http, old, SERVICE_ACCOUNT)
    now = company.config("people")
    assert now["ownerInfo"] == {"email": SERVICE_ACCOUNT}


def test_an_account_as_which_we_may_not_act_is_told(company: Company, graph: Graph) -> None:
    one = named(company, graph, "users")
    done = mend(company.http, one, "other@made-up-analytics.iam.gserviceaccount.com")
    assert "403" in done.problem
    assert "act as service account" in done.problem
    assert done.owner == one.owner
    assert company.config("users")["ownerInfo"] == {"email": one.owner}


def test_one_that_is_gone_is_told(company: Company, graph: Graph) -> None:
    one = named(company, graph, "dashboard 170 trend")
    move(company.sandbox, NOW + timedelta(days=4))
    assert mend(company.http, one, SERVICE_ACCOUNT).problem == "it was deleted meanwhile"


def test_a_change_that_was_answered_unclearly_is_asked_for_again(company: Company, graph: Graph) -> None:
    one = named(company, graph, "users")
    company.sandbox.faults.switch_on(Kind.SERVER_ERROR, "scheduled_queries", count=2)
    assert mend(company.http, one, SERVICE_ACCOUNT).problem == ""
    assert company.waits
