from graphql import GraphQLObjectType

from sg_assets.sandbox.site_admin_schema import schema


def test_lists_know_only_first() -> None:
    dotcom = schema().get_type("DotcomQuery")
    assert isinstance(dotcom, GraphQLObjectType)
    assert set(dotcom.fields["productSubscriptions"].args) == {"first", "account", "query"}
    assert set(dotcom.fields["productLicenses"].args) == {"first", "licenseKeySubstring", "productSubscriptionID"}


def test_an_owner_may_be_gone_and_an_address_of_the_subscription_not() -> None:
    subscription = schema().get_type("ProductSubscription")
    assert isinstance(subscription, GraphQLObjectType)
    assert str(subscription.fields["account"].type) == "User"
    assert str(subscription.fields["url"].type) == "String!"


def test_it_is_built_once() -> None:
    assert schema() is schema()
