"""The commands about alerts, as somebody at a terminal uses them."""

import json
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from sg_assets.cli import main
from sg_assets.sandbox.slack_messages import Messages

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def run(tmp_path: Path, *arguments: str, **variables: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"SG_HOME": str(tmp_path), "SG_SANDBOX_SCALE": "0.05", **variables})


def test_what_arrived_is_shown_in_order_as_it_reads_now(tmp_path: Path) -> None:
    assert run(tmp_path, "sandbox", "slack").output == "nothing was posted\n"
    messages = Messages(tmp_path / "sandbox")
    ts = messages.post("C1", {"text": "late"}, NOW)
    messages.edit("C1", ts, {"text": "well again\nsince noon"})
    messages.post("C1", {"text": "it is over", "thread_ts": ts, "reply_broadcast": True}, NOW)
    messages.post("C2", {"text": "elsewhere"}, NOW)
    assert run(tmp_path, "sandbox", "slack", "--channel", "C1").output.splitlines() == [
        f"C1 {ts}, edited",
        "    well again",
        "    since noon",
        f"C1 {ts[:-1]}2 below {ts} and in the channel",
        "    it is over",
    ]
    shown = json.loads(run(tmp_path, "sandbox", "slack", "--json").output)
    assert [one["text"] for one in shown] == ["well again\nsince noon", "it is over", "elsewhere"]


def test_a_trial_says_which_address_took_it_and_which_are_not_used(tmp_path: Path) -> None:
    done = run(tmp_path, "alerts", "test")
    assert done.exit_code == 0, done.output
    assert "slack_bot:C0DATAALERTS: took it" in done.output
    assert "webhook: not used, SG_ALERT_WEBHOOK_URL not set" in done.output
    told = {line.partition(": ")[0] for line in done.output.splitlines() if line.endswith("took it")}
    channels = {f"slack_bot:{one.channel}" for one in Messages(tmp_path / "sandbox").all()}
    assert channels == {address for address in told if address.startswith("slack_bot:")}


def test_a_trial_that_fails_is_a_failure(tmp_path: Path) -> None:
    done = run(tmp_path, "alerts", "test", SG_SLACK_URL="http://127.0.0.1:9", SG_SLACK_BOT_TOKEN="xoxb-hunter2")  # noqa: S106
    assert done.exit_code == 1
    assert "slack_bot:C0DATAALERTS: slack: POST /chat.postMessage: no answer" in done.output
    assert "hunter2" not in done.output


def test_the_watchdog_does_not_start_where_time_stands_still(tmp_path: Path) -> None:
    done = run(tmp_path, "watchdog", SG_CLOCK="2026-01-02T00:00:00Z")
    assert done.exit_code == 1
    assert "the clock stands still" in done.output
