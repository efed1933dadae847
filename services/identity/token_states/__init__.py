"""A token's state: whether it still opens anything (RFC 7662), and the end of it (RFC 7009)."""
