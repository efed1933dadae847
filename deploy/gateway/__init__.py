"""The gateway: Caddy by its own configuration; the only code here merges the API descriptions."""
