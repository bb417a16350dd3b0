import pytest

from sg_assets.sources.hubspot.fields import COMPANY, CONTACT, DEAL, Kind


@pytest.mark.parametrize("kind", [CONTACT, COMPANY, DEAL])
def test_no_two_properties_are_one_column(kind: Kind) -> None:
    names = [column.name for column in kind.columns]
    assert len(set(names)) == len(names)
    assert names[:5] == ["id", "created_at", "modified_at", "is_archived", "archived_at"]


def test_contacts_alone_have_the_old_name_of_the_time_of_change() -> None:
    assert [kind.modified for kind in (CONTACT, COMPANY, DEAL)] == [
        "lastmodifieddate",
        "hs_lastmodifieddate",
        "hs_lastmodifieddate",
    ]


def test_amounts_say_their_currency_and_what_was_merged_its_kind() -> None:
    assert DEAL.fields["amount_in_home_currency"].name == "amount_usd"
    assert [kind.fields["hs_merged_object_ids"].name for kind in (CONTACT, COMPANY, DEAL)] == [
        "merged_contact_ids",
        "merged_company_ids",
        "merged_deal_ids",
    ]
