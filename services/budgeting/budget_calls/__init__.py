"""Budget call: opens a fiscal year for proposals, with its calendar, deadline and extensions.

draft → open → closed → archived. One a fiscal year for the whole government; once it is open,
every organization reads it, and whoever issued it reviews what is submitted under it.
"""
