"""PPA import: what became of each row of a published file, in one transaction a file."""
