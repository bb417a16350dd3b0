from io import StringIO

from sg_assets.alerts.channels.log import Log
from sg_assets_tests.alerts.telling import letter, message


def test_a_message_is_a_few_lines_that_begin_with_how_bad_it_is() -> None:
    stream = StringIO()
    log = Log(stream)
    assert log.send(letter(message())) == {}
    log.close()
    assert stream.getvalue().splitlines() == [
        "!! 2026-11-21 12:00 UTC  opened raw_crm.account/1 1  [team:analytics]",
        "   Since 2026-11-21 11:00 UTC (60 min).",
        "   Why: the vendor answers 503",
        "   the asset: http://127.0.0.1:3000/assets/raw_crm/account?view=overview",
    ]
