"""A device authorization: a program without a browser asks, a person says yes in theirs (RFC 8628).

States: pending -> approved or denied -> used, or over after 10 minutes.
"""
