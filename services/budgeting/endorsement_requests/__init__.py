"""Endorsement request: the lines that are another office's matter, frozen and shown to it alone.

Written once and kept; the office answers from its own organization.
"""
