"""Year end: the dated document that closes an organization's fiscal year, or undoes a closing.

draft → submitted → applied or rejected; an applied closing → reversed by a document of its own.
"""
