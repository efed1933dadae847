"""Scenario: what a year's money could do, tried out; it changes no proposal by itself.

draft → under_review → approved → implemented; under_review → draft when returned; → archived.
"""
