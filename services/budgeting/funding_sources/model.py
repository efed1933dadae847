"""The catalogue of funding sources (budgeting sheet, sections 3 and 13)."""

from __future__ import annotations

from enum import StrEnum


class FundingSource(StrEnum):
    """Funds of the Bangsamoro government; one vocabulary for ceilings, programs and items."""

    block_grant = "block_grant"
    national_tax_share = "national_tax_share"
    regional_taxes = "regional_taxes"
    special_development_fund = "special_development_fund"
    transitional_development_fund = "transitional_development_fund"
    prior_year_savings = "prior_year_savings"
    grants_and_oda = "grants_and_oda"
    others = "others"

    @property
    def fund_cluster(self) -> str:
        """The fund cluster of the account code structure; a sample until confirmed."""
        return FUND_CLUSTERS[self]


FUND_CLUSTERS = {
    FundingSource.block_grant: "01",
    FundingSource.national_tax_share: "01",
    FundingSource.regional_taxes: "01",
    FundingSource.special_development_fund: "03",
    FundingSource.transitional_development_fund: "03",
    FundingSource.prior_year_savings: "01",
    FundingSource.grants_and_oda: "02",
    FundingSource.others: "07",
}

SOURCES_SQL = ", ".join(f"'{source}'" for source in FundingSource)
"""The catalogue as a CHECK lists it."""
