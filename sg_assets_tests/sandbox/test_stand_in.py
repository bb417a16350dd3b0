import pytest

from sg_assets.sandbox.sandbox import sources, stand_in_of
from sg_assets.sandbox.stand_in import StandIn

STAND_INS = [stand_in_of(source) for source in sources()]


@pytest.mark.parametrize("source", sources())
def test_every_stand_in_is_that_of_its_module(source: str) -> None:
    stand_in = stand_in_of(source)
    assert stand_in.source == source
    assert all(name.startswith("SG_") for name in stand_in.settings)


@pytest.mark.parametrize("stand_in", [s for s in STAND_INS if isinstance(s, StandIn)], ids=lambda s: str(s.source))
def test_every_stand_in_of_http_can_refuse_in_its_vendors_way(stand_in: StandIn) -> None:
    for status in (401, 403, 429):
        refusal = stand_in.refuse(status)
        assert refusal.body
        assert "/" in refusal.content_type
    status, refusal = stand_in.quota
    assert status in {200, 403, 422, 429}
    assert refusal.body
