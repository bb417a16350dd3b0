"""How a range of time is read from Prometheus: by whole steps, in as few requests as the server allows.

Knows nothing of what is asked (`queries.py`). Protocol: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sg_assets.conversion import json_text
from sg_assets.http import Client, ComeBackLater, SourceError
from sg_assets.source import Page, Pull, Row
from sg_assets.sources.prometheus.queries import Query

RANGE, NAMES = "/api/v1/query_range", "/api/v1/label/__name__/values"
MOST_STEPS = 11_000
"""Steps that the server allows between start and end; both are evaluated, so that it gives one point more."""
TOO_MANY_SAMPLES = "too many samples"


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which instants are asked for.

    `settled` is how far they keep from now: samples are there two scrapes later. `look_back` is asked for again, for
    what came late. `history` is how far back the first pull goes: what a server keeps by default.
    """

    step: timedelta
    settled: timedelta
    look_back: timedelta
    history: timedelta


def samples(pull: Pull, queries: Sequence[Query], sampling: Sampling) -> Iterator[Page]:
    """What the queries gave at every step that was not read yet, and in the look-back; one request for each query.

    The cursor keeps, for each expression, the last instant read: one that is new or was changed is read from the start.

    Raises:
        SourceError: a query could not be answered, or one gave nothing because the server knows no such metric.
    """
    step = sampling.step
    end = _aligned(pull.now - sampling.settled, step)
    through = {str(text): _instant(at) for text, at in _read(pull.cursor).items()}
    silent: list[Query] = []
    for query in queries:
        last = through.get(query.expression)
        if last is not None and last >= end:
            continue
        start = _aligned(pull.now - sampling.history, step) if last is None else last + step - sampling.look_back
        count = 0
        while start <= end:
            stop = min(end, start + MOST_STEPS * step)
            rows = [row for answer in _answers(pull.http, query, start, stop, step) for row in _rows(query, answer)]
            count += len(rows)
            through[query.expression] = stop
            yield Page(rows, {"through": {text: at.isoformat() for text, at in through.items()}})
            start = stop + step
        if not count:
            silent.append(query)
    if unknown := _unknown(pull.http, silent):
        came = f"no metric {', '.join(unknown)}"
        advice = "It may be scraped no more, or have another name now: see to it, or correct sources/prometheus.py."
        raise SourceError(pull.http.name, "read " + ", ".join(query.name for query in silent), came, advice)


def _answers(
    http: Client, query: Query, start: datetime, end: datetime, step: timedelta
) -> Iterator[Mapping[str, Any]]:
    """The answer for a window, both ends included; in parts where the server says that it is too much at once.

    Raises:
        SourceError: names the query.
    """
    form = {
        "query": query.expression,
        "start": f"{start.timestamp():.3f}",
        "end": f"{end.timestamp():.3f}",
        "step": f"{step / timedelta(seconds=1):g}",
    }
    try:
        yield _good(http, http.post_form(RANGE, form, idempotent=True))
    except ComeBackLater:
        raise
    except SourceError as error:
        if TOO_MANY_SAMPLES not in str(error) or start >= end:
            came = str(error).removeprefix(f"{http.name}: ")
            raise SourceError(http.name, f"query {query.name}", came, status=error.status) from error
    else:
        return
    middle = start + (end - start) // step // 2 * step
    yield from _answers(http, query, start, middle, step)
    yield from _answers(http, query, middle + step, end, step)


def _good(http: Client, answer: Any) -> Mapping[str, Any]:  # noqa: ANN401 (JSON)
    """The answer, which must be a range of series.

    Raises:
        SourceError: it is not; or it warns and holds nothing, so that the warning could not be kept.
    """
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict) or data.get("resultType") != "matrix":
        came = http.shown(json.dumps(answer))
        raise SourceError(http.name, f"POST {RANGE}", came, "This is not how Prometheus answers: check the address.")
    if answer.get("warnings") and not data["result"]:
        came = "nothing but warnings: " + http.shown("; ".join(answer["warnings"]))
        raise SourceError(http.name, f"POST {RANGE}", came, "A part of the server's storage may be out of reach.")
    return dict(answer)


def _rows(query: Query, answer: Mapping[str, Any]) -> Iterator[Row]:
    said = {"warnings": answer.get("warnings") or [], "infos": answer.get("infos") or []}
    for series in answer["data"]["result"]:
        labels = json_text(series["metric"])
        which = {
            "query": query.name,
            "series_id": hashlib.sha256(labels.encode()).hexdigest(),
            "site_id": series["metric"].get("site_id"),
            "labels": labels,
            **said,
        }
        for at, value in series.get("values") or ():
            yield {**which, "sampled_at": datetime.fromtimestamp(at, UTC), "value": _number(value)}
        for at, histogram in series.get("histograms") or ():
            yield {**which, "sampled_at": datetime.fromtimestamp(at, UTC), "histogram": histogram}


def _number(text: object) -> object:
    """A value, which is sent as text: also NaN, +Inf and -Inf. What is none is kept as it came, to be rejected."""
    try:
        return float(str(text))
    except ValueError:
        return text


def _unknown(http: Client, queries: Sequence[Query]) -> list[str]:
    """Of the metrics of queries without an answer, those that the server does not have: else it is just empty."""
    wanted = sorted({metric for query in queries for metric in query.metrics})
    if not wanted:
        return []
    answer = http.get_json(NAMES, {"match[]": f'{{__name__=~"{"|".join(wanted)}"}}'})
    return sorted(set(wanted) - set(answer["data"]))


def _read(cursor: Mapping[str, object] | None) -> Mapping[str, object]:
    through = (cursor or {}).get("through")
    return through if isinstance(through, dict) else {}


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _aligned(at: datetime, step: timedelta) -> datetime:
    """The last whole multiple of the step, counted from 1970, at or before an instant."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (at - epoch) // step * step
