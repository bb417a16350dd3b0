from sg_assets.sandbox.google_sheets import Sheets, stand_in
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import DAY, NOW, move


def test_every_variable_names_a_spreadsheet(sandbox: Sandbox) -> None:
    ids = {book.id for book in Sheets(sandbox).books()}
    assert ids == {value for name, value in stand_in.settings.items() if name.startswith("SG_GOOGLE_SHEETS_")}


def test_no_row_is_longer_than_its_header(sandbox: Sandbox) -> None:
    for book in Sheets(sandbox).books():
        for tab in book.tabs:
            assert all(len(row) in {0, len(tab.headings)} for row in tab.rows())


def test_sheets_go_on_with_the_clock(sandbox: Sandbox) -> None:
    sheets = Sheets(sandbox)
    before = {tab.table: list(tab.rows()) for book in sheets.books() for tab in book.tabs}
    assert before == {tab.table: list(tab.rows()) for book in sheets.books() for tab in book.tabs}
    move(sandbox, NOW + 30 * DAY)
    after = {tab.table: list(tab.rows()) for book in sheets.books() for tab in book.tabs}
    assert [name for name in after if len(after[name]) > len(before[name])] == [
        "arr_tracker",
        "lead_analytics",
        "data_anomaly",
    ]
