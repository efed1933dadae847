"""An invitation: an organization asks one person to join it, with a secret that works once.

States: open -> accepted | cancelled | expired (after 72 hours); bounced while its mail failed.
"""
