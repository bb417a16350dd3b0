"""The columns of Salesforce's objects."""

from sg_assets.columns import Classification
from sg_assets.sources.salesforce.fields import OBJECTS

PEOPLE = ("Contact", "User", "Lead")


def test_every_object_has_an_id_and_the_stamp_by_which_it_is_pulled() -> None:
    for fields in OBJECTS.values():
        assert fields["Id"].name == "id"
        assert fields["SystemModstamp"].name == "system_modstamp"
        assert len({column.name for column in fields.values()}) == len(fields)


def test_what_is_said_of_people_is_personal() -> None:
    for name in PEOPLE:
        for api in ("Email", "FirstName", "LastName", "Title"):
            column = OBJECTS[name].get(api)
            assert column is None or column.classification is Classification.PERSONAL


def test_money_has_its_currency_and_days_their_ending() -> None:
    for fields in OBJECTS.values():
        for column in fields.values():
            assert column.type != "DATE" or column.name.endswith("_on"), column.name
            assert column.type != "TIMESTAMP" or column.name.endswith(("_at", "modstamp")), column.name
            assert column.type != "NUMERIC" or column.name.endswith(("_usd", "_percent")), column.name
