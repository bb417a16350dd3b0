import hashlib

from sg_assets.sandbox.apollo import BUCKET, OBJECTS, bucket, noted, object_name
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import DAY, NOW, Storage, move


def test_the_objects_are_what_was_noted(url: str, sandbox: Sandbox) -> None:
    storage = Storage(url, BUCKET)
    assert storage.names("apollo/") == sorted(map(object_name, OBJECTS))
    for table in OBJECTS:
        content = storage.bytes(object_name(table)).content
        rows = len(content.decode().splitlines()) - 1
        assert noted(sandbox)[f"SG_APOLLO_{table.upper()}"] == f"{rows}:{hashlib.sha256(content).hexdigest()}"


def test_they_never_change(sandbox: Sandbox) -> None:
    before = noted(sandbox)
    move(sandbox, NOW + 30 * DAY)
    assert noted(sandbox) == before == {key: sandbox.settings("apollo")[key] for key in before}
    assert len(list(bucket(sandbox).objects())) == 3
