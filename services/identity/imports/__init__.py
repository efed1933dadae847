"""An import: a file of people who are invited together, by an organization or by an operator.

States: queued -> running -> finished | cancelled; the file is sealed, and wiped when it is done.
"""
