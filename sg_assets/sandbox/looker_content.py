"""How Looker's API 4.0 writes content: dashboards, looks, queries, explores, boards and plans.

https://cloud.google.com/looker/docs/reference/looker-api/latest/types. Ids are texts.
"""

from __future__ import annotations

from datetime import datetime

from sg_assets.sandbox.company.looker_access import SERVICE_ID
from sg_assets.sandbox.company.looker_content import BOARDS, EXPLORES, Content, Plan, Tile
from sg_assets.sandbox.looker_people import Json, stamp


def content(one: Content, at: datetime) -> Json:
    """What dashboards and looks have in common."""
    is_binned = one.is_binned(at)
    return {
        "id": one.id,
        "title": one.title,
        "description": None if int(one.id) % 4 else "See the handbook.",
        "folder": {"id": "12", "name": "Shared"},
        "user_id": one.owner.id,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "last_updater_id": one.owner.id,
        "last_viewed_at": stamp(one.viewed_at(at)),
        "last_accessed_at": stamp(one.viewed_at(at)),
        "view_count": one.view_count(at),
        "favorite_count": int(one.id) % 3,
        "deleted": is_binned,
        "deleted_at": stamp(one.binned_at) if is_binned else None,
        "deleter_id": one.owner.id if is_binned else None,
    }


def dashboard(one: Content, at: datetime) -> Json:
    """A dashboard that somebody made."""
    return content(one, at) | {"hidden": False, "readonly": False, "lookml_link_id": None, "slug": f"d{one.id}"}


def lookml_dashboard(id_: str) -> Json:
    """A dashboard that is written in LookML: nobody made it, and of its use nothing is told."""
    model, _, name = id_.partition("::")
    title = name.replace("_", " ").capitalize()
    about: Json = {"folder": {"id": "lookml", "name": "LookML Dashboards"}, "model": {"id": model, "label": model}}
    return about | {"id": id_, "title": title, "description": None, "hidden": False, "readonly": True, "user_id": None}


def look(one: Content, at: datetime) -> Json:
    """A look: it names its query, and does not show it."""
    model = one.explore[0] if one.explore else None
    about: Json = {"model": {"id": model, "label": model}, "query_id": one.query_id, "public": False}
    return content(one, at) | about | {"is_run_on_load": True, "short_url": f"/looks/{one.id}"}


def tile(one: Tile, dashboard_id: str) -> Json:
    """A part of a dashboard, with its query; merged results have several, elsewhere."""
    kind = "text" if not one.explores and one.look_id is None else "looker_line"
    return {
        "id": one.id,
        "dashboard_id": dashboard_id,
        "look_id": one.look_id,
        "type": "text" if kind == "text" else "look" if one.look_id else "vis",
        "title": None if kind == "text" else f"Tile {one.id}",
        "deleted": False,
        "merge_result_id": f"m{one.id}" if one.is_merged else None,
        "query": query(one.id, *one.explores[0]) if len(one.explores) == 1 else None,
        "query_id": one.id if len(one.explores) == 1 else None,
        "result_maker": {
            "id": one.id,
            "filterables": [{"model": model, "view": view, "name": view} for model, view in one.explores],
        }
        if one.explores
        else None,
    }


def query(id_: str, model: str, view: str) -> Json:
    """A query; its `view` is the explore."""
    return {"id": id_, "model": model, "view": view, "fields": [f"{view}.count"], "filters": None, "limit": "500"}


def models() -> list[Json]:
    """The models with the names of their explores."""
    names = dict.fromkeys(model for model, _ in EXPLORES)
    return [
        {
            "name": model,
            "label": model.capitalize(),
            "project_name": "analytics",
            "has_content": True,
            "explores": [
                {"name": name, "label": name.replace("_", " ").capitalize(), "hidden": False, "description": None}
                for of, name in EXPLORES
                if of == model
            ],
        }
        for model in names
    ]


def explore(model: str, name: str) -> Json:
    """An explore with its tables as LookML writes them; a derived table is none."""
    tables = EXPLORES[model, name]
    return {
        "id": f"{model}::{name}",
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "model_name": model,
        "project_name": "analytics",
        "view_name": name,
        "hidden": False,
        "sql_table_name": tables[0] if tables else None,
        "joins": [
            {"name": table.rpartition(".")[2].strip("`"), "sql_table_name": table, "from": None} for table in tables[1:]
        ],
    }


def board(id_: str) -> Json:
    """A board with its sections and what is on them."""
    title, dashboards, looks = BOARDS[id_]
    items: list[Json] = [{"id": f"{id_}{n}", "dashboard_id": str(n), "look_id": None} for n in dashboards]
    items.extend({"id": f"{id_}{n}", "dashboard_id": None, "look_id": str(n)} for n in looks)
    return {
        "id": id_,
        "title": title,
        "description": None,
        "user_id": SERVICE_ID,
        "created_at": "2022-03-01T10:00:00.000+00:00",
        "updated_at": "2022-09-01T10:00:00.000+00:00",
        "deleted_at": None,
        "board_sections": [{"id": f"1{id_}", "title": "Start here", "board_items": items}],
    }


def plan(one: Plan, at: datetime) -> Json:
    """A delivery by schedule."""
    return {
        "id": one.id,
        "name": f"Plan {one.id}",
        "user_id": one.owner.id,
        "enabled": one.is_enabled,
        "dashboard_id": one.dashboard_id,
        "look_id": one.look_id,
        "lookml_dashboard_id": None,
        "crontab": one.crontab,
        "timezone": "America/Los_Angeles",
        "datagroup": None,
        "run_as_recipient": False,
        "require_results": False,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "last_run_at": stamp(at.replace(hour=0, minute=0, second=0, microsecond=0)) if one.is_enabled else None,
        "next_run_at": None,
        "scheduled_plan_destination": [
            {"id": one.id, "type": "email", "format": "wysiwyg_pdf", "address": one.owner.owner.person.email}
        ],
    }
