"""Report files: a report as a workbook or a print, the same bytes every time, and read back."""
