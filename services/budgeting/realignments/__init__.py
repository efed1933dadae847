"""Realignment: money moved between two items or two allocations of one organization; sum zero.

draft → submitted → applied or rejected. In house within a program or an expense class only.
"""
