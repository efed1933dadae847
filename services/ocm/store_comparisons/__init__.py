"""Store comparison: whether a store built anew says what the one before it said."""
