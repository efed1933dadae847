"""Report: figures of the ledger as of a day, frozen with a hash under a version of its own."""
