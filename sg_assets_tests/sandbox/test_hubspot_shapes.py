import json
from datetime import UTC, datetime

from sg_assets.sandbox.company.marketing_record import Record
from sg_assets.sandbox.company.nps import Answer
from sg_assets.sandbox.hubspot_shapes import QUOTA, crm_object, owner, page, pipeline, refuse, submission

AT = datetime(2022, 3, 1, 10, 11, 12, 345_000, UTC)


def test_a_record() -> None:
    shown = crm_object(Record("7", AT, AT, None, {"email": "a@b.c", "x": None}), "lastmodifieddate", ["x", "nothing"])
    stamp = "2022-03-01T10:11:12.345Z"
    properties = {"x": None, "createdate": stamp, "hs_object_id": "7", "lastmodifieddate": stamp}
    assert shown == {
        "id": "7", "properties": properties, "createdAt": stamp, "updatedAt": stamp, "archived": False,
    }  # fmt: skip
    assert crm_object(Record("7", AT, AT, AT, {}), "m", [])["archivedAt"] == stamp


def test_an_owner_who_left_has_no_user() -> None:
    assert owner(Record("7", AT, AT, None, {"email": "a@b.c"}))["userId"] == 7
    left = owner(Record("7", AT, AT, AT, {"email": "a@b.c"}))
    assert (left["userId"], left["userIdIncludingInactive"], left["archived"]) == (None, 7, True)


def test_the_last_page_has_no_paging() -> None:
    assert page([], None, "/x") == {"results": []}
    link = {"after": "5", "link": "https://api.hubapi.com/x?after=5"}
    assert page([], "5", "/x") == {"results": [], "paging": {"next": link}}


def test_a_submission_leaves_out_what_nobody_filled_in() -> None:
    shown = submission(Answer(AT, "site", None, 3, "", ""), 0)
    assert shown["submittedAt"] == 1_646_129_472_345
    assert {each["name"]: each["value"] for each in shown["values"]} == {
        "nps_score": "3", "nps_reason": "", "user_is_authenticated": "false", "site_id": "site",
    }  # fmt: skip
    assert "conversionId" in submission(Answer(AT, "site", None, 3, "", ""), 1)


def test_stages_say_in_texts_what_they_are() -> None:
    won = next(stage for stage in pipeline()["stages"] if stage["id"] == "closedwon")
    assert won["metadata"] == {"isClosed": "true", "probability": "1.0"}


def test_refusals() -> None:
    assert json.loads(refuse(403).body)["category"] == "MISSING_SCOPES"
    assert json.loads(refuse(429).body)["errorType"] == "RATE_LIMIT"
    assert (QUOTA[0], json.loads(QUOTA[1].body)["policyName"]) == (429, "DAILY")
