"""Review: what the issuer of a budget call makes of one submission.

open → recommended → approved / rejected, or returned from either. The organization it concerns
reads it once it is returned or decided.
"""
