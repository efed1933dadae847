"""Report workbooks: a report as a spreadsheet, and as plain CSV."""
