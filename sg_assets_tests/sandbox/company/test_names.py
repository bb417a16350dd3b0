from sg_assets.sandbox.company import names


def test_every_position_has_another_name() -> None:
    walk = len(names.COLOURS) * len(names.THINGS) * len(names.TRADES)
    assert len({names.company_name(1, position) for position in range(walk)}) == walk


def test_domains_are_reserved_ones() -> None:
    assert names.domain_of("Kite-and-Key") == "kiteandkey.example"


def test_nobody_has_the_made_up_free_mail_addresses() -> None:
    assert names.free_mail_address("Ada", "Ito") == "ada_ito@gmail.com"  # the provider allows no underscore
