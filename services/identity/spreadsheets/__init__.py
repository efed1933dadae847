"""A spreadsheet file: what is taken out as CSV, harmless to the program that opens it."""
