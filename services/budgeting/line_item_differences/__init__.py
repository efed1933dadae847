"""What a workbook would do to the lines of a proposal: row by row, cell by cell, or why not."""
