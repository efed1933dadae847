"""Alert: something that somebody should look at; one open alert for a type and a subject.

Raised and cleared by the worker's daily duty, or on demand, from what stands in the tables.
"""
