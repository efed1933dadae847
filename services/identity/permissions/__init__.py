"""A permission pattern: what stands in a token, and when one pattern says no more than another.

No states: `service.noun.verb`, where a segment is `*`, a word, or words with commas.
"""
