"""Report sheets: what every file of a report says, whatever its form."""
