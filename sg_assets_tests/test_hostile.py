"""What comes from outside stays what it is: no value, name or argument ever becomes a part of SQL."""

from __future__ import annotations

import json
from pathlib import Path

from sg_assets.source import Row
from sg_assets.warehouse.contract import Rejected
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets.warehouse.state import LoadedObject
from sg_assets_tests.commands import Command
from sg_assets_tests.mini import TODAY, Mini, thing
from sg_assets_tests.warehouse.examples import NOW, PING, land, load, raw, row

HOSTILE = [
    """'); drop table raw_mini.thing; --""",
    """"; drop schema m cascade; /*""",
    "`; delete from sg_ops.table_state; --",
    "\\'; select 1; \\\\",
    "${x} {{ y }} %s ? $1 :name @p",
    "a\nb\tc\r\0d\u202e\U0001f600",
    "[bold red]not markup[/] [link=http://x]x[/link]",
]
NOT_ASKED = [
    "select * from read_text('/etc/hostname')",
    "select * from read_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "attach '/tmp/other.duckdb'",
    "copy (select 1) to '/tmp/sg-hostile.csv'",
    "set enable_external_access = true",
    "install httpfs",
    "pragma database_list",
    "select getenv('HOME')",
    "select 1; drop table m.left",
    "delete from m.left where true",
]


def test_values_and_fields_of_a_vendor_are_what_they_were(built: Mini) -> None:
    built.vendor.things = [{**thing(n, text, TODAY), text: text} for n, text in enumerate(HOSTILE, 100)]
    built.refresh("m.left", upstream="all")
    found = built.rows("select name, _extra from raw_mini.thing where id >= 100 order by id")
    assert [(name, json.loads(str(extra))) for name, extra in found] == [(text, {text: text}) for text in HOSTILE]
    assert built.rows("select count(*) from m.left where id >= 100") == [(len(HOSTILE),)]
    assert built.rows("select count(distinct table_name) > 5 from sg_ops.table_state") == [(True,)]


def test_keys_objects_and_reasons_are_what_they_were(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "it's; drop.duckdb", "sandbox", read_copy=tmp_path / "read.duckdb")
    refused = [Rejected(text, text, f"{n:064}") for n, text in enumerate(HOSTILE)]
    for seats in (1, 2):
        land(warehouse, tmp_path, raw(), [row(text, name=text, seats=seats) for text in HOSTILE], rejected=refused)
    objects: list[tuple[LoadedObject, list[Row]]] = [
        (LoadedObject(text, text, text, NOW.date(), n, 1, 0, {NOW.date(): 1}), [_ping(text)])
        for n, text in enumerate(HOSTILE)
    ]
    for _ in range(2):
        load(warehouse, tmp_path, objects)
    asked = warehouse.read
    assert sorted(asked("raw_crm.account", ["id", "name", "seats"]).to_pylist(), key=str) == sorted(
        ({"id": text, "name": text, "seats": 2} for text in HOSTILE), key=str
    )
    kept = asked("raw_crm.account__rejected", ["reason", "original"]).to_pylist()
    assert sorted(kept, key=str) == sorted(({"reason": text, "original": text} for text in HOSTILE), key=str)
    assert sorted(asked(PING.name, ["_object"])["_object"].to_pylist()) == sorted(HOSTILE)
    assert warehouse.loaded_objects(PING.name).keys() == set(HOSTILE)
    warehouse.close()


def _ping(name: str) -> Row:
    return {"_object_on": NOW.date(), "_object": name, "_line": 1, "_item": 0, "instance": name, "timestamp": NOW}


def test_what_a_person_writes_in_a_note_is_shown_as_it_was_written(command: Command) -> None:
    written = [text.replace("\0", "") for text in HOSTILE]  # no argument of a program holds a zero character
    for reason in written:
        ended = command("note", "add", "raw_mini.thing", "--until", "3d", "--reason", reason, "--author", reason)
        assert ended.exit_code == 0
    notes = json.loads(command("note", "list", "--json").stdout)
    assert sorted((note["reason"], note["author"]) for note in notes) == sorted((text, text) for text in written)
    assert json.loads(command("status", "--json").stdout)["tables"]


def test_an_argument_that_is_no_table_ends_with_2_and_changes_nothing(command: Command, built: Mini) -> None:
    before = built.env.warehouse_path.read_bytes()
    for name in (text.replace("\0", "") for text in HOSTILE):
        note = ("note", "add", name, "--until", "3d", "--reason", "x", "--author", "a@b.example")
        for arguments in (("refresh", name), ("status", name), ("tables", "show", name), note):
            ended = command(*arguments)
            assert (ended.exit_code, ended.stdout) == (2, ""), arguments
            assert "`sg-assets tables list` names them" in ended.stderr
    assert built.env.warehouse_path.read_bytes() == before


def test_a_query_reads_tables_and_nothing_else(command: Command, built: Mini) -> None:
    for sql in NOT_ASKED:
        ended = command("query", sql)
        assert (ended.exit_code, ended.stdout) == (1, ""), sql
    assert built.rows("select count(*) > 0 from m.left") == [(True,)]
    assert not Path("/tmp/sg-hostile.csv").exists()  # noqa: S108 (must not be there)
