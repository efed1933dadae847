"""Report figures: what the one ledger says on a day, as tables; nothing here is stored."""
