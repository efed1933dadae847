"""The embedded stack: PostgreSQL, NATS, Caddy and the twelve processes of BMMS on one machine, from wheels alone."""
