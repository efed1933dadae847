"""Realignment: money moved between two items or two allocations of one organization; sum zero.

draft → submitted → applied or rejected. Within a program or an expense class the house decides,
across both the issuer of the act; out of a declared saving it augments an item that lacks money.
"""
