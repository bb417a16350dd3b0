from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sg_assets.sandbox.slack_messages import Messages
from sg_assets_tests.sandbox.world import NOW


def test_messages_are_kept_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    messages = Messages(tmp_path)
    assert messages.all() == []
    first = messages.post("C1", {"text": "one", "metadata": {"event_type": "e", "event_payload": {"id": "1"}}}, NOW)
    messages.post(
        "C2", {"text": "two", "thread_ts": first, "reply_broadcast": True, "blocks": [{"type": "divider"}]}, NOW
    )
    one, two = Messages(tmp_path).all()
    assert (one.text, one.metadata, one.thread_ts) == ("one", {"event_type": "e", "event_payload": {"id": "1"}}, None)
    assert (two.thread_ts, two.is_broadcast, two.blocks) == (first, True, [{"type": "divider"}])
    assert messages.all("C2") == [two]


def test_an_edit_replaces_text_and_blocks_and_keeps_metadata(tmp_path: Path) -> None:
    messages = Messages(tmp_path)
    assert not messages.edit("C1", "1.000001", {"text": "new"})
    ts = messages.post("C1", {"text": "old", "blocks": [{"type": "divider"}], "metadata": {"event_type": "e"}}, NOW)
    assert not messages.edit("C2", ts, {"text": "new"})
    assert messages.edit("C1", ts, {"text": "new"})
    (only,) = messages.all()
    assert (only.text, only.blocks, only.metadata, only.edits) == ("new", [], {"event_type": "e"}, 1)


def test_no_two_messages_have_the_same_ts(tmp_path: Path) -> None:
    messages = Messages(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda n: messages.post("C1", {"text": str(n)}, NOW), range(40)))
    assert len(set(given)) == 40
    assert [one.ts for one in messages.all()] == sorted(given)
