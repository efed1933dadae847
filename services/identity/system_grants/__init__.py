"""A system grant: a right that no membership gives, held within one named organization.

`platform_administrator` runs the platform; `ocm_analyst` reads every organization's aggregates.
States: given -> revoked; kept as history.
"""
