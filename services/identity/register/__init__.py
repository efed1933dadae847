"""The register in the hands of its administrators: entries, states, codes of old, and an export.

What is done here concerns another organization than the administrator's own.
"""
