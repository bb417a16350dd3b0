"""Mixmax: sequences of sales e-mails, who is in them, and whose they are.

A token of Mixmax is one user's and shows what that user may see, so that there is one for each user whose sequences are
wanted. The API is not meant for bulk export: nothing can be asked for by the time of its change. Sequences are listed
whole, a page or two; the recipients of a sequence only where there may be news of them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from sg_assets.columns import Classification, Column
from sg_assets.examination import Finding, look
from sg_assets.http import Client, Fail, Reply, Ruling, SourceError
from sg_assets.http.exchange import segment
from sg_assets.promise import DAILY
from sg_assets.source import Page, Pull, RateLimit, Right, Source, Variable
from sg_assets.table import Mode, Window

PERSONAL, PSEUDONYMOUS = Classification.PERSONAL, Classification.PSEUDONYMOUS
PAGE = 300
"""Rows asked for at a time: the most that Mixmax documents."""
ROUND = 50
"""A page that is shorter than asked for, but a multiple of this, may be cut by a cap that nobody documents."""
REACHABLE = 10_000
"""Recipients of a sequence that its list gives at most."""
READINGS = 4
"""How often a list is read from which rows vanish meanwhile."""
RATE = RateLimit(120, 60)
"""What Mixmax allows a user, and an IP address, which all of our tokens share."""

Node = dict[str, Any]


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """The client whose address and patience those of the users have; it sends nothing itself."""
    return Client(base_url, name="mixmax", rate=RATE, secrets=_tokens(settings))


@contextmanager
def _as_user(http: Client, tokens: list[str], place: int) -> Generator[Client]:
    """A client with the token of one user; its calls are counted with all others."""

    def rule(reply: Reply, _now: datetime) -> Ruling | None:
        if reply.status != HTTPStatus.UNAUTHORIZED:
            return None
        return Fail(f"Token {place + 1} of {len(tokens)} in SG_MIXMAX_TOKENS was refused: take it out or renew it.")

    headers = {"X-API-Token": tokens[place]}
    with Client(
        http.base_url, name=http.name, headers=headers, rate=RATE, secrets=tokens, rule=rule, sleep=http.sleep
    ) as user:
        user.patience = http.patience
        try:
            yield user
        finally:
            http.calls += user.calls


def _tokens(settings: Mapping[str, str]) -> list[str]:
    return [token for part in settings["SG_MIXMAX_TOKENS"].split(",") if (token := part.strip())]


mixmax = Source(
    name="mixmax",
    description="Sequences: e-mails that salespeople send in stages, and whom they reach.",
    owner="team:sales-ops",
    promise=DAILY,
    connect=connect,
    base_url="https://api.mixmax.com",
    variables=(
        Variable(
            "SG_MIXMAX_TOKENS",
            "API tokens, comma-separated: one of each user whose sequences are wanted.",
            is_secret=True,
        ),
    ),
    needs=(Right("API token", "each user whose sequences are wanted", "sequences, recipients, the user itself"),),
    excess="Not asked: a token of Mixmax can do whatever its user can. Only reading calls are made.",
)


@mixmax.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """Each token, by its user and the right to sequences, which depends on the plan."""
    tokens = _tokens(settings)
    for place in range(len(tokens)):
        with _as_user(http, tokens, place) as user:
            for path in ("/v1/users/me", "/v1/sequences"):
                yield look(f"token {place + 1}: {path}", partial(user.get_json, path, {"limit": "1"}))


SEQUENCE = {
    "_id": Column("id", "STRING", "Id of the sequence."),
    "userId": Column("user_id", "STRING", "User who made it.", PSEUDONYMOUS),
    "name": Column("name", "STRING", "Name of the sequence, as its user wrote it."),
    "createdAt": Column("created_at", "TIMESTAMP", "When it was made."),
    "updatedAt": Column(
        "recipient_added_at",
        "TIMESTAMP",
        "When a recipient was last added (Mixmax calls it `updatedAt`; an edit or a pause does not move it).",
    ),
    "stages": Column("stage_ids", "ARRAY<STRING>", "Its stages, one e-mail each, in their order."),
    "variables": Column("variables", "ARRAY<STRING>", "Names of what is filled in for each recipient."),
    "sendStagesAsReplies": Column("sends_stages_as_replies", "BOOL", "Whether later e-mails answer the first one."),
    "linkTrackingEnabled": Column("tracks_links", "BOOL", "Whether clicks are tracked."),
    "timezone": Column("timezone", "STRING", "Time zone in which e-mails are sent."),
    "shared": Column("is_shared", "BOOL", "Whether colleagues see it."),
}
RECIPIENT = {
    "_id": Column("id", "STRING", "Id of the recipient in this sequence; in another one the same person has another."),
    "sequenceId": Column("sequence_id", "STRING", "Sequence."),
    "userId": Column("user_id", "STRING", "User who added the recipient.", PSEUDONYMOUS),
    "email": Column(
        "email", "STRING", "E-mail address as it was typed: Mixmax tells upper case from lower case.", PERSONAL
    ),
    "state": Column("state", "STRING", "active, failed or completed."),
    "createdAt": Column("created_at", "TIMESTAMP", "When the recipient was added."),
    "updatedAt": Column("updated_at", "TIMESTAMP", "When the recipient last changed."),
}
USER = {
    "_id": Column("id", "STRING", "Id of the user.", PSEUDONYMOUS),
    "name": Column("name", "STRING", "Full name, where Mixmax gives it.", PERSONAL),
    "email": Column("email", "STRING", "E-mail address, where Mixmax gives it.", PERSONAL),
}


@mixmax.pull(columns=tuple(USER.values()), key=("id",), mode=Mode.SNAPSHOT)
def user(pull: Pull) -> Iterator[Page]:
    """One row per user whose token we have. Of other users nothing but the id is known."""
    tokens = _tokens(pull.settings)
    for place in range(len(tokens)):
        with _as_user(pull.http, tokens, place) as http:
            yield Page([_row(http.get_json("/v1/users/me"), USER)])


@mixmax.pull(columns=tuple(SEQUENCE.values()), key=("id",), mode=Mode.SNAPSHOT)
def sequence(pull: Pull) -> Iterator[Page]:
    """One row per sequence that one of our users may see. One deleted, or shared no longer, stays and says so."""
    yield Page([_row(node, SEQUENCE) for _, node in pull.once("sequences", partial(_listed, pull))])


@mixmax.pull(columns=tuple(RECIPIENT.values()), key=("id",), mode=Mode.WINDOW)
def recipient(pull: Pull) -> Iterator[Page]:
    """One row per recipient who was activated in a sequence; drafts are not shown to us.

    A sequence is read again while it has active recipients, and when one was added. Somebody taken out of a sequence is
    noticed then; the recipients of a deleted sequence stay as they were.

    Raises:
        SourceError: a sequence has more recipients than Mixmax shows. Everything else has then landed.
    """
    tokens, listed = _tokens(pull.settings), pull.once("sequences", partial(_listed, pull))
    known = cast("dict[str, list[object]]", (pull.cursor or {}).get("sequences", {}))
    done = {node["_id"]: known[node["_id"]] for _, node in listed if node["_id"] in known}
    cut = []
    with ExitStack() as stack:
        users = {place: stack.enter_context(_as_user(pull.http, tokens, place)) for place in {at for at, _ in listed}}
        for place, node in listed:
            id_, added = node["_id"], node.get("updatedAt")
            if done.get(id_) == [added, False]:
                continue
            nodes = _recipients(users[place], id_)
            is_cut = len(nodes) >= REACHABLE
            cut += [str(node["name"])] if is_cut else []
            done[id_] = [added, is_cut or any(one["state"] == "active" for one in nodes)]
            whole = None if is_cut else Window("sequence_id", id_, f"{id_} ")
            yield Page([_row(one, RECIPIENT) for one in nodes], {"sequences": dict(done)}, covers=whole)
    yield Page([], {"sequences": done}, lands_now=bool(cut))
    if cut:
        came = f"{REACHABLE} recipients or more in {', '.join(cut)}: Mixmax shows the newest {REACHABLE} only"
        advice = "Go on in a new sequence; until then, a note on raw_mixmax.recipient says that older ones may be old."
        raise SourceError(pull.http.name, "GET /v1/sequences/…/recipients", came, advice)


def _listed(pull: Pull) -> list[tuple[int, Node]]:
    """All sequences, each once, with the place of the first token that shows it."""
    found: dict[str, tuple[int, Node]] = {}
    tokens = _tokens(pull.settings)
    for place in range(len(tokens)):
        with _as_user(pull.http, tokens, place) as http:
            for node in _sequences(http):
                found.setdefault(node["_id"], (place, node))
    return list(found.values())


def _sequences(http: Client) -> Iterator[Node]:
    """The sequences of a user. The cursor stands beside a flag that says whether anything comes after it."""
    more: Mapping[str, str] = {}
    while True:
        answer = http.get_json("/v1/sequences", {"limit": str(PAGE), **more})
        yield from answer["results"]
        if not (answer["results"] and answer.get("next") and answer.get("hasNext", True)):
            return
        more = {"next": answer["next"]}


def _recipients(http: Client, sequence_id: str) -> list[Node]:
    """The recipients of a sequence, the newest first, each once: no more than can be reached.

    The list is read by offsets while rows are added at its beginning, which only repeats rows, and taken out, which
    would skip some. So each page begins with the last row of the one before; where it begins with a row that was not
    seen yet, some were taken out, and the list is read again.

    Raises:
        SourceError: rows were taken out each time.
    """
    path = f"/v1/sequences/{segment(sequence_id)}/recipients"
    for _ in range(READINGS):
        found: dict[str, Node] = {}
        offset, is_whole = 0, False
        while not is_whole:
            limit = min(PAGE, REACHABLE - offset)
            page = http.get_json(path, {"limit": str(limit), "offset": str(offset)})
            if offset and not (page and page[0]["_id"] in found):
                break
            found |= {node["_id"]: node for node in page}
            is_short = len(page) < limit and (len(page) % ROUND > 0 or not page)
            is_whole = is_short or len(page) == 1 or offset + len(page) >= REACHABLE
            offset += len(page) - 1
        if is_whole:
            return list(found.values())
    raise SourceError(http.name, f"GET {path}", "rows were taken out each time it was read", "The next pull may do.")


def _row(node: Node, fields: Mapping[str, Column]) -> dict[str, object]:
    """A node under our names; a field that nobody declared keeps its own."""
    return {fields[name].name if name in fields else name: value for name, value in node.items()}
