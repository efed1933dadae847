"""The embedded stack: PostgreSQL, NATS, Caddy and twelve processes on one machine, from wheels."""
