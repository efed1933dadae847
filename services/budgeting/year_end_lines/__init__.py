"""Year-end line: what a closing found on one item, allocation or allotment. Append-only.

What was free there lapsed by a line of the ledger, or continues.
"""
