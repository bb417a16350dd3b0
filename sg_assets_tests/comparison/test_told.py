"""A report in words: for a terminal, and as a comment on a pull request."""

from __future__ import annotations

from sg_assets.comparison import told
from sg_assets.comparison.readers import Reading
from sg_assets.comparison.report import Report, report
from sg_assets.comparison.revision import Revision
from sg_assets_tests.comparison.made import document, documents

WAS = document("a.one", "raw_a.b", columns=("id", "name"))
BELOW = document("a.two", "a.one", owner="team:b")
READ = Reading("a.two", "its SQL", "a.one", frozenset({"name"}))


def made(*head: dict[str, object], base: tuple[dict[str, object], ...] = (WAS, BELOW)) -> Report:
    return report(Revision("main", "c0ffee1234567", documents(*base)), documents(*head), [READ])


def test_plain_words_have_everything_and_no_markup() -> None:
    text = told.plain(made({**WAS, "columns": WAS["columns"][:1]}, BELOW))
    assert text == (
        "Tables: 1 changed, against main (c0ffee123)\n"
        "\nNot as it should be: removed, and still read\n"
        "    column name of a.one is read by a.two (its SQL)\n"
        "\nChanged\n"
        "    a.one (derived, team:a): column removed name (STRING)\n"
        "\nDownstream: 1 table, of which 1 may be built anew, of 1 owner\n"
        "    team:b: a.two\n"
        "\nEach of them, with why, and its promise\n"
        "    a.two (team:b) may be built anew, because of a.one."
        " Promise: 20 * * * * UTC, late soon after 4 h, late after 8 h\n"
    )


def test_markdown_is_a_comment() -> None:
    text = told.markdown(made(BELOW, document("a.new")))
    assert text.startswith("### Tables: 1 added, 1 removed, against `main` (c0ffee123)\n")
    assert "\n**Not as it should be: removed, and still read**\n\n* `a.one` is read by `a.two` (its SQL)\n" in text
    assert "* `a.one` (derived, team:a); it was read by `a.two`\n" in text
    assert "* `a.new` (derived, team:a)\n" in text
    assert "<details><summary>Each of them, with why, and its promise</summary>\n\n* `a.two`" in text
    assert "\n\n</details>\n" in text


def test_nothing_changed_is_one_line() -> None:
    assert told.plain(made(WAS, BELOW)) == "Tables: as they were, against main (c0ffee123)\n"


def test_a_comment_stays_short_whatever_was_changed() -> None:
    many = [document(f"a.t{n}", "raw_a.b", description="long " * 100) for n in range(300)]
    text = told.markdown(made(*many, base=tuple(document(f"a.t{n}", "raw_a.b") for n in range(300))))
    assert "* and 240 more: `--json` has all" in text
    assert len(text) < 65536
