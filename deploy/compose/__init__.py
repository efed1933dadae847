"""The system on a container engine: a Compose file, its passwords, and what prepares its data."""
