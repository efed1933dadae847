"""Indicator: what a PPA is measured by, with its target as published. Its verbs are the PPA's."""
