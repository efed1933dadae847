"""Release: the document by which an office of finance releases another organization's allotment.

draft → issued; it takes effect in the organization that it names, or is refused there.
"""
