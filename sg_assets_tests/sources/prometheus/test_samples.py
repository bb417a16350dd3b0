"""Ranges of time: every instant once, whatever the windows, limits and words of the server."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from sg_assets.http import SourceError
from sg_assets.rows import Shape
from sg_assets.source import Page, Pull
from sg_assets.sources.prometheus import connect, prometheus
from sg_assets.sources.prometheus.queries import Query
from sg_assets.sources.prometheus.samples import MOST_STEPS, Sampling, samples
from sg_assets_tests.scripted_vendor import Answer, Asked, Vendor, answering, scripted

NOW = datetime(2026, 11, 21, 6, 23, 45, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UP = Query("up", "up", ("up",))
SAMPLING = Sampling(15 * MINUTE, 5 * MINUTE, 60 * MINUTE, 120 * MINUTE)
TABLE = prometheus.tables["raw_prometheus.metric_sample"].table


def matrix(*series: Mapping[str, object], **more: object) -> Answer:
    return Answer.json({"status": "success", "data": {"resultType": "matrix", "result": list(series)}, **more})


def error(status: int, kind: str, text: str) -> Answer:
    return Answer.json({"status": "error", "errorType": kind, "error": text}, status)


def pull(
    url: str,
    queries: Sequence[Query] = (UP,),
    cursor: Mapping[str, object] | None = None,
    now: datetime = NOW,
    sampling: Sampling = SAMPLING,
) -> list[Page]:
    with connect(url, {"SG_PROMETHEUS_TOKEN": "s3cret"}) as client:
        client.sleep = lambda _seconds: None
        return list(samples(Pull(client, {}, now, cursor), queries, sampling))


def windows(vendor: Vendor) -> list[tuple[str, str, str]]:
    """Start, end and step of what was asked, as clock times where they are whole."""
    found = []
    for asked in vendor.asked:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if form:
            start, end = (datetime.fromtimestamp(float(form[name]), UTC) for name in ("start", "end"))
            found.append((f"{start:%H:%M:%S}", f"{end:%H:%M:%S}", form["step"]))
    return found


def one(at: float, value: str = "1") -> Mapping[str, object]:
    return {"metric": {"__name__": "up", "site_id": "a"}, "values": [[at, value]]}


def test_windows_begin_and_end_on_whole_steps_and_the_next_ones_where_they_ended() -> None:
    with answering(lambda _asked: matrix(one(NOW.timestamp()))) as vendor:
        first = pull(vendor.url)
        pull(vendor.url, cursor=first[-1].cursor, now=NOW + 15 * MINUTE)
        pull(vendor.url, cursor=first[-1].cursor, now=NOW + 5 * MINUTE)  # no new instant yet
    assert windows(vendor) == [("04:15:00", "06:15:00", "900"), ("05:30:00", "06:30:00", "900")]
    assert first[-1].cursor == {"through": {"up": "2026-11-21T06:15:00+00:00"}}


def test_a_query_that_was_changed_or_is_new_is_read_from_the_start() -> None:
    other = Query("up", "up == 1", ("up",))
    with answering(lambda _asked: matrix(one(NOW.timestamp()))) as vendor:
        cursor = pull(vendor.url)[-1].cursor
        (page,) = pull(vendor.url, (UP, other), cursor)
    assert windows(vendor)[1:] == [("04:15:00", "06:15:00", "900")]
    assert set((page.cursor or {})["through"]) == {"up", "up == 1"}  # pyrefly: ignore[bad-argument-type]


@pytest.mark.parametrize(("steps", "requests"), [(0, 1), (1, 1), (MOST_STEPS, 1), (MOST_STEPS + 1, 2), (25_000, 3)])
def test_no_more_requests_than_the_servers_limit_asks_for(steps: int, requests: int) -> None:
    sampling = Sampling(MINUTE, MINUTE, MINUTE, (steps + 1) * MINUTE)
    now = NOW.replace(second=0)
    asked: list[float] = []

    def answer(sent: Asked) -> Answer:
        form = {name: float(values[0]) for name, values in parse_qs(sent.body.decode()).items() if name != "query"}
        assert (form["end"] - form["start"]) // form["step"] <= MOST_STEPS
        asked.extend(form["start"] + n * form["step"] for n in range(int((form["end"] - form["start"]) / 60) + 1))
        return matrix(one(form["start"]))

    with answering(answer) as vendor:
        pull(vendor.url, now=now, sampling=sampling)
    assert len(vendor.asked) == requests
    assert asked == [(now - (steps + 1 - n) * MINUTE).timestamp() for n in range(steps + 1)]


def test_a_window_that_is_too_much_is_halved_until_it_is_not() -> None:
    def answer(sent: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(sent.body.decode()).items()}
        start, end = float(form["start"]), float(form["end"])
        if end - start > 3 * 900:
            return error(
                422, "execution", "query processing would load too many samples into memory in query execution"
            )
        return matrix({"metric": {}, "values": [[start + n * 900, "1"] for n in range(int((end - start) / 900) + 1)]})

    with answering(answer) as vendor:
        rows = [row for page in pull(vendor.url) for row in page.rows]
    times = [row["sampled_at"] for row in rows]
    assert times == [NOW.replace(hour=4, minute=15, second=0) + n * 15 * MINUTE for n in range(9)]
    assert len(vendor.asked) == 5  # nine instants: 5 + 4, 3 + 2


def test_values_are_texts_and_times_have_milliseconds() -> None:
    values = [[1435781430.781, "1"], [1435781445.781, "NaN"], [1435781460.781, "+Inf"], [1435781475.781, "-Inf"]]
    histogram = {"count": "60", "sum": "33897.5", "buckets": [[1, "-161.3", "-113.4", "1"], [0, "0.1", "0.2", "7.5"]]}
    answer = matrix(
        {"metric": {"job": "x", "__name__": "up", "instance": "a:1"}, "values": values},
        {"metric": {"__name__": "up", "job": "y"}, "histograms": [[1435781430.781, histogram]]},
        warnings=["a part of the storage did not answer"],
        infos=["metric might not be a counter"],
    )
    with scripted(answer) as vendor:
        ((page),) = pull(vendor.url)
    fitted = Shape(TABLE).fit(page.rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    rows = fitted.table.to_pylist()
    assert rows[0]["sampled_at"] == datetime(2015, 7, 1, 20, 10, 30, 781_000, tzinfo=UTC)
    assert rows[0]["labels"] == '{"__name__":"up","instance":"a:1","job":"x"}'
    assert rows[0]["site_id"] is None
    assert rows[0]["value"] == 1
    assert math.isnan(rows[1]["value"])
    assert [row["value"] for row in rows[2:4]] == [math.inf, -math.inf]
    assert (rows[4]["value"], json.loads(rows[4]["histogram"])) == (None, histogram)
    assert all(row["warnings"] == ["a part of the storage did not answer"] for row in rows)
    assert all(row["infos"] == ["metric might not be a counter"] for row in rows)
    assert len({row["series_id"] for row in rows}) == 2


def test_a_value_that_is_none_is_rejected_and_kept() -> None:
    with scripted(matrix(one(NOW.timestamp(), "many"))) as vendor:
        ((page),) = pull(vendor.url)
    assert list(Shape(TABLE).fit(page.rows).misfits.values()) == ["value: FLOAT64 expected, got str"]


def test_nothing_because_there_was_nothing_is_no_error() -> None:
    with scripted(matrix(), Answer.json({"status": "success", "data": ["up"]})) as vendor:
        (page,) = pull(vendor.url)
    assert page.rows == []
    assert vendor.asked[-1].path == "/api/v1/label/__name__/values"
    assert vendor.asked[-1].query == {"match[]": '{__name__=~"up"}'}


def test_nothing_because_nothing_has_that_name_is_an_error() -> None:
    with (
        scripted(matrix(), Answer.json({"status": "success", "data": []})) as vendor,
        pytest.raises(SourceError, match=r"read up: no metric up\. It may be scraped no more"),
    ):
        pull(vendor.url)


def test_nothing_but_a_warning_is_an_error() -> None:
    with scripted(matrix(warnings=["storage is gone"])) as vendor, pytest.raises(SourceError, match="storage is gone"):
        pull(vendor.url)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            error(400, "bad_data", '1:3: parse error: unexpected "x"'),
            "query up: .*400 .*parse error.*Correct the query",
        ),
        (error(422, "execution", "many-to-many matching not allowed"), "query up: .*many-to-many.*Correct the query"),
        (error(499, "canceled", "query was canceled"), "query up: .*499 .*canceled"),
        (error(406, "not_acceptable", "no"), "query up: .*406"),
        (Answer(302, b"", {"Location": "https://login.example/"}), "query up: .*302.*not followed"),
        (Answer(401, b"<html><h1>Sign in</h1></html>", {"Content-Type": "text/html"}), "401 Sign in.*refused"),
        (Answer(200, b"<html>Sign in</html>", {"Content-Type": "text/html"}), "no complete JSON"),
        (Answer.json({"status": "success"}), "This is not how Prometheus answers"),
        (Answer.json([1, 2]), "This is not how Prometheus answers"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error_without_the_token(answer: Answer, words: str) -> None:
    with scripted(answer) as vendor, pytest.raises(SourceError, match=words) as caught:
        pull(vendor.url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "passing", [error(503, "timeout", "query timed out"), Answer(502, b"<html>Bad Gateway</html>")]
)
def test_an_outage_that_passes_costs_nothing(passing: Answer) -> None:
    with scripted(passing, passing, matrix(one(NOW.timestamp()))) as vendor:
        (page,) = pull(vendor.url)
    assert len(page.rows) == 1
    assert len(vendor.asked) == 3


def test_questions_are_forms_and_carry_the_token() -> None:
    with scripted(matrix(one(0))) as vendor:
        pull(vendor.url)
    (asked,) = vendor.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/api/v1/query_range", {})
    assert asked.headers["Authorization"] == "Bearer s3cret"
