import pytest

from sg_assets.sandbox.sandbox import sources, stand_in_of


@pytest.mark.parametrize("source", sources())
def test_every_stand_in_can_refuse_in_its_vendors_way(source: str) -> None:
    stand_in = stand_in_of(source)
    assert stand_in.source == source
    assert all(name.startswith("SG_") for name in stand_in.settings)
    for status in (401, 403, 429):
        refusal = stand_in.refuse(status)
        assert refusal.body
        assert "/" in refusal.content_type
    status, refusal = stand_in.quota
    assert status in {200, 403, 429}
    assert refusal.body
