"""What there is to look at in Looker: dashboards, looks, boards, deliveries, and the explores and tables behind them.

A tile or a look has a query, a query an explore, and an explore its tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from sg_assets.columns import Column
from sg_assets.http.exchange import segment
from sg_assets.source import Page, Pull
from sg_assets.sources.looker.connection import API, PERSONAL, PSEUDONYMOUS, Json, listed, looker, paged, undeclared
from sg_assets.table import Mode

CONTENT_FIELDS = (
    "id,title,description,folder(id,name),user_id,created_at,updated_at,last_updater_id,last_viewed_at,"
    "last_accessed_at,view_count,favorite_count,deleted,deleted_at,deleter_id"
)
DASHBOARD_FIELDS = CONTENT_FIELDS + ",hidden,readonly"
LOOK_FIELDS = CONTENT_FIELDS + ",public,query_id"
ELEMENT_FIELDS = "id,dashboard_id,look_id,type,title,deleted,query(model,view),result_maker(filterables(model,view))"
EXPLORE_FIELDS = "id,name,label,model_name,project_name,hidden,sql_table_name,joins(name,sql_table_name)"
BOARD_FIELDS = (
    "id,title,description,user_id,created_at,updated_at,deleted_at,board_sections(board_items(dashboard_id,look_id))"
)
PLAN_FIELDS = (
    "id,name,user_id,enabled,dashboard_id,look_id,lookml_dashboard_id,crontab,timezone,datagroup,created_at,updated_at,"
    "last_run_at,next_run_at,scheduled_plan_destination(type,format,address)"
)
BIN = ("false", "true")
"""The two halves of a search: what is not in the bin, and what is."""

CONTENT = (
    Column("id", "STRING", "Looker's id; the number in the address of its page."),
    Column("title", "STRING", "Title."),
    Column("description", "STRING", "What it shows."),
    Column("folder_id", "STRING", "Folder that it is in."),
    Column("folder_name", "STRING", "Name of that folder."),
    Column("user_id", "STRING", "User who owns it.", PSEUDONYMOUS),
    Column("last_updater_id", "STRING", "User who last changed it.", PSEUDONYMOUS),
    Column("created_at", "TIMESTAMP", "When it was made."),
    Column("updated_at", "TIMESTAMP", "When it was last changed."),
    Column("last_viewed_at", "TIMESTAMP", "When somebody last looked at it in Looker; null where nobody ever did."),
    Column("last_accessed_at", "TIMESTAMP", "When it was last used in any way, by programs and deliveries too."),
    Column("view_count", "INT64", "Number of times that somebody looked at it."),
    Column("favorite_count", "INT64", "Number of people who marked it."),
    Column("is_deleted", "BOOL", "Whether it is in the bin."),
    Column("deleted_at", "TIMESTAMP", "When it was put into the bin; what is gone from there has _deleted_at."),
    Column("deleter_id", "STRING", "User who put it there.", PSEUDONYMOUS),
)
DASHBOARD = (
    *CONTENT,
    Column("is_lookml", "BOOL", "Whether it is written in LookML: then nothing is told of its use."),
    Column("is_hidden", "BOOL", "Whether lists leave it out."),
)
EXPLORES = Column("explores", "ARRAY<STRING>", "Explores that it asks, as model::name; empty of text and of looks.")
ELEMENT = (
    Column("id", "STRING", "Looker's id of the tile."),
    Column("dashboard_id", "STRING", "Dashboard that it is on."),
    Column("look_id", "STRING", "Look that it shows; null where it has a query of its own."),
    Column("type", "STRING", "vis, look or text."),
    Column("title", "STRING", "Title."),
    Column("is_deleted", "BOOL", "Whether it was taken off."),
    EXPLORES,
)
LOOK = (
    *CONTENT,
    Column("is_public", "BOOL", "Whether people without an account may see it."),
    Column("query_id", "STRING", "Its query; another query has another id."),
    Column("explore", "STRING", "Explore that it asks, as model::name."),
)
EXPLORE = (
    Column("id", "STRING", "The explore, as model::name."),
    Column("model", "STRING", "Model that it is part of."),
    Column("name", "STRING", "Name in LookML."),
    Column("label", "STRING", "Name that people see."),
    Column("project", "STRING", "LookML project."),
    Column("is_hidden", "BOOL", "Whether people see it in the list of explores."),
    Column("tables", "ARRAY<STRING>", "Tables that it reads, as LookML writes them; a derived table names none."),
)
BOARD = (
    Column("id", "STRING", "Looker's id of the board."),
    Column("title", "STRING", "Title."),
    Column("description", "STRING", "What it is for."),
    Column("user_id", "STRING", "User who owns it.", PSEUDONYMOUS),
    Column("created_at", "TIMESTAMP", "When it was made."),
    Column("updated_at", "TIMESTAMP", "When it was last changed."),
    Column("deleted_at", "TIMESTAMP", "When it was put into the bin; null while it is not."),
    Column("dashboard_ids", "ARRAY<STRING>", "Dashboards on it, in their order."),
    Column("look_ids", "ARRAY<STRING>", "Looks on it, in their order."),
)
PLAN = (
    Column("id", "STRING", "Looker's id of the plan."),
    Column("name", "STRING", "Name."),
    Column("user_id", "STRING", "User in whose name it runs.", PSEUDONYMOUS),
    Column("is_enabled", "BOOL", "Whether it runs."),
    Column("dashboard_id", "STRING", "Dashboard that it delivers; of one in LookML, model::name."),
    Column("look_id", "STRING", "Look that it delivers."),
    Column("crontab", "STRING", "When it runs."),
    Column("timezone", "STRING", "Time zone of that."),
    Column("datagroup", "STRING", "Data whose news start it, instead of a time."),
    Column("destination_types", "ARRAY<STRING>", "Where it delivers: email, webhook, s3, …"),
    Column("destination_addresses", "ARRAY<STRING>", "Who or what gets it.", PERSONAL),
    Column("created_at", "TIMESTAMP", "When it was made."),
    Column("updated_at", "TIMESTAMP", "When it was last changed."),
    Column("last_run_at", "TIMESTAMP", "When it last ran."),
    Column("next_run_at", "TIMESTAMP", "When it runs next."),
)


@looker.pull(columns=DASHBOARD, key=("id",), mode=Mode.SNAPSHOT)
def dashboard(pull: Pull) -> Iterator[Page]:
    """One row per dashboard, those in the bin and those written in LookML too."""
    for is_deleted in BIN:
        for found in paged(pull, "/dashboards/search", DASHBOARD_FIELDS, deleted=is_deleted):
            yield Page([_dashboard(came) for came in found])
    everything = listed(pull, "/dashboards", "id,title,description,folder(id,name),hidden,readonly,user_id")
    yield Page([_dashboard(came) for came in everything if "::" in came["id"]])  # a search does not find these


@looker.pull(columns=ELEMENT, key=("id",), mode=Mode.SNAPSHOT)
def dashboard_element(pull: Pull) -> Iterator[Page]:
    """One row per tile of a dashboard that somebody made."""
    rows = []
    for came in listed(pull, "/dashboard_elements/search", ELEMENT_FIELDS, sorts="dashboard_id"):
        made = came.get("result_maker") or {}
        queries = [came["query"]] if came.get("query") else made.get("filterables") or []
        named = {name: came.get(name) for name in ("id", "dashboard_id", "look_id", "type", "title")}
        named |= {"is_deleted": came.get("deleted"), "explores": sorted({_explore(each) for each in queries})}
        rows.append(undeclared(came, ELEMENT_FIELDS) | named)
    yield Page(rows)


@looker.pull(columns=LOOK, key=("id",), mode=Mode.SNAPSHOT)
def look(pull: Pull) -> Iterator[Page]:
    """One row per look, those in the bin too.

    A look only names its query. Queries never change, so that each is asked for once and known ever after.
    """
    known = {str(row["query_id"]): row["explore"] for row in pull.read("raw_looker.look", ("query_id", "explore"))}
    for is_deleted in BIN:
        for found in paged(pull, "/looks/search", LOOK_FIELDS, deleted=is_deleted):
            for id_ in dict.fromkeys(came["query_id"] for came in found):
                if id_ is not None and known.get(id_) is None:
                    known[id_] = _explore(pull.http.get_json(f"{API}/queries/{segment(id_)}", {"fields": "model,view"}))
            yield Page([_look(came) | {"explore": known.get(came["query_id"])} for came in found])


@looker.pull(columns=EXPLORE, key=("id",), mode=Mode.SNAPSHOT)
def explore(pull: Pull) -> Iterator[Page]:
    """One row per explore: a way into the data, with the tables that it joins."""
    for model in listed(pull, "/lookml_models", "name,explores(name)"):
        for named in model["explores"] or ():
            path = f"{API}/lookml_models/{segment(model['name'])}/explores/{segment(named['name'])}"
            yield Page([_tables(pull.http.get_json(path, {"fields": EXPLORE_FIELDS}))])


@looker.pull(columns=BOARD, key=("id",), mode=Mode.SNAPSHOT)
def board(pull: Pull) -> Iterator[Page]:
    """One row per board: the dashboards and looks that a department looks at first."""
    rows = []
    for came in listed(pull, "/boards", BOARD_FIELDS):
        items = [item for section in came.get("board_sections") or () for item in section.get("board_items") or ()]
        named = {name: came.get(name) for name in ("id", "title", "description", "user_id")}
        named |= {name: came.get(name) for name in ("created_at", "updated_at", "deleted_at")}
        for name in ("dashboard_id", "look_id"):
            named[f"{name}s"] = [item[name] for item in items if item.get(name)]
        rows.append(undeclared(came, BOARD_FIELDS) | named)
    yield Page(rows)


@looker.pull(columns=PLAN, key=("id",), mode=Mode.SNAPSHOT)
def scheduled_plan(pull: Pull) -> Iterator[Page]:
    """One row per delivery of a dashboard or a look by schedule, whoever made it."""
    rows = []
    for came in listed(pull, "/scheduled_plans", PLAN_FIELDS, all_users="true"):
        goals = came.get("scheduled_plan_destination") or ()
        named = {name: came.get(name) for name in ("id", "name", "user_id", "look_id", "crontab", "timezone")}
        named |= {name: came.get(name) for name in ("datagroup", "created_at", "updated_at", "last_run_at")}
        named |= {
            "is_enabled": came.get("enabled"),
            "dashboard_id": came.get("dashboard_id") or came.get("lookml_dashboard_id"),
            "next_run_at": came.get("next_run_at"),
            "destination_types": [goal["type"] for goal in goals],
            "destination_addresses": [goal["address"] for goal in goals if goal.get("address")],
        }
        rows.append(undeclared(came, PLAN_FIELDS) | named)
    yield Page(rows)


def _content(came: Json) -> dict[str, object]:
    folder = came.get("folder") or {}
    told = {column.name for column in CONTENT} - {"folder_id", "folder_name", "is_deleted"}
    named = {"folder_id": folder.get("id"), "folder_name": folder.get("name"), "is_deleted": came.get("deleted")}
    return {name: came.get(name) for name in told} | named


def _dashboard(came: Json) -> dict[str, object]:
    is_lookml = "::" in came["id"]
    named = {"is_lookml": is_lookml, "is_hidden": came.get("hidden"), "is_deleted": bool(came.get("deleted"))}
    return undeclared(came, DASHBOARD_FIELDS) | _content(came) | named


def _look(came: Json) -> dict[str, object]:
    return undeclared(came, LOOK_FIELDS) | _content(came) | {"is_public": came["public"], "query_id": came["query_id"]}


def _explore(query: Json) -> str:
    """The explore of a query, which the API calls its view."""
    return f"{query['model']}::{query['view']}"


def _tables(came: Json) -> dict[str, object]:
    named = [came.get("sql_table_name"), *(join.get("sql_table_name") for join in came.get("joins") or ())]
    return undeclared(came, EXPLORE_FIELDS) | {
        "id": f"{came['model_name']}::{came['name']}",
        "model": came["model_name"],
        "name": came["name"],
        "label": came.get("label"),
        "project": came.get("project_name"),
        "is_hidden": came.get("hidden"),
        "tables": list(dict.fromkeys(name.strip() for name in named if name)),
    }
