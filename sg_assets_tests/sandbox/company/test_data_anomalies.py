from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.data_anomalies import data_anomalies
from sg_assets_tests.sandbox.world import ANCHOR, DAY, NOW


def test_entries_are_numbered_in_the_order_of_their_times(company: Company) -> None:
    found = data_anomalies(company, NOW)
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert [one.reported_at for one in found] == sorted(one.reported_at for one in found)
    assert all(one.begins <= one.reported_at.date() and one.reported_at <= NOW for one in found)


def test_what_really_happened_to_customers_is_among_them(company: Company) -> None:
    texts = {one.text: one.customer for one in data_anomalies(company, NOW)}
    ended = next(customer for text, customer in texts.items() if text.startswith("No events since"))
    paused = next(customer for text, customer in texts.items() if text.startswith("No pings while"))
    assert (ended, paused) == (company.case("events stopped"), company.case("paused"))


def test_later_some_are_mended_and_others_added(company: Company) -> None:
    then, later = data_anomalies(company, ANCHOR), data_anomalies(company, ANCHOR + 60 * DAY)
    assert len(later) >= len(then) + 4
    for old, new in zip(then, later, strict=False):
        assert (old.number, old.reported_at, old.text) == (new.number, new.reported_at, new.text)
        assert old.mended_on in {None, new.mended_on}
