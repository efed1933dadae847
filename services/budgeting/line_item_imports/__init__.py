"""Line items brought in by workbook: previewed → applied → undone, each with its differences."""
