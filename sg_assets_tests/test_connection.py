from sg_assets.connection import Connection


def test_a_source_without_settings_is_not_connected_and_says_why() -> None:
    assert not Connection(reason="SG_X_TOKEN not set").is_connected


def test_a_source_that_needs_no_setting_is_connected_all_the_same() -> None:
    assert Connection("http://127.0.0.1:1", {}).is_connected


def test_settings_do_not_show_when_a_connection_is_printed() -> None:
    assert "hunter2" not in repr(Connection("http://127.0.0.1:1", {"SG_X_TOKEN": "hunter2"}))
