from sg_assets.filling import Filler, Filling
from sg_assets.table import Part, Reach


def test_a_part_without_a_name_is_the_table_that_the_variable_names() -> None:
    one = Filling(Filler.DATAFLOW, "SG_PINGS_TABLE", (Part("", {}),), Reach.COLUMN)
    several = Filling(Filler.FIVETRAN, "SG_SALESFORCE_DATASET", (Part("account", {}),), Reach.TOLD)
    assert (one.names_a_table, several.names_a_table) == (True, False)
    assert several.connection_variable == "SG_SALESFORCE_CONNECTION"
