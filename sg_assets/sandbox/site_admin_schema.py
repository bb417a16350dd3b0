"""The schema of the site admin's GraphQL API, as far as product subscriptions and licences need it.

It follows `cmd/frontend/graphqlbackend/dotcom.graphql` of Sourcegraph's public source, last public state.
"""

from __future__ import annotations

from functools import lru_cache

from graphql import GraphQLSchema, build_schema

SCHEMA = """
scalar DateTime
type Query { dotcom: DotcomQuery! }
type DotcomQuery {
  productSubscription(uuid: String!): ProductSubscription!
  productSubscriptions(first: Int, account: ID, query: String): ProductSubscriptionConnection!
  productLicenses(first: Int, licenseKeySubstring: String, productSubscriptionID: ID): ProductLicenseConnection!
}
type PageInfo { hasNextPage: Boolean! endCursor: String }
type ProductSubscriptionConnection { nodes: [ProductSubscription!]! totalCount: Int! pageInfo: PageInfo! }
type ProductLicenseConnection { nodes: [ProductLicense!]! totalCount: Int! pageInfo: PageInfo! }
type ProductSubscription {
  id: ID! uuid: String! name: String! account: User activeLicense: ProductLicense
  productLicenses(first: Int): ProductLicenseConnection!
  createdAt: DateTime! isArchived: Boolean! url: String! urlForSiteAdmin: String
}
type ProductLicense {
  id: ID! subscription: ProductSubscription! info: ProductLicenseInfo licenseKey: String! siteID: String
  createdAt: DateTime! revokedAt: DateTime revokeReason: String version: Int!
}
type ProductLicenseInfo {
  productNameWithBrand: String! tags: [String!]! userCount: Int! expiresAt: DateTime!
  salesforceSubscriptionID: String salesforceOpportunityID: String
}
type User { id: ID! username: String! displayName: String emails: [UserEmail!]! }
type UserEmail { email: String! isPrimary: Boolean! }
"""


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The schema, built once."""
    return build_schema(SCHEMA)
