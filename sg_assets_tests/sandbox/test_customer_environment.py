from sg_assets.sandbox.customer_environment import QUESTIONS, Responses
from sg_assets.sandbox.sandbox import Sandbox


def test_a_row_is_one_submission_as_the_form_writes_it(sandbox: Sandbox) -> None:
    (tab,) = Responses(sandbox).book().tabs
    assert tab.headings[:2] == ("Timestamp", "Email Address")
    rows = tab.rows()
    assert {len(row) for row in rows} == {len(tab.headings)} == {4 + len(QUESTIONS)}
    hosts = {row[list(tab.headings).index("Which code hosts?")] for row in rows}
    assert {None, "GitHub", "GitHub, GitLab"} <= hosts
    assert {row[list(tab.headings).index("Is it air-gapped?")] for row in rows} == {None, "Yes", "No"}
