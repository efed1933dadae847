"""Assessment: one inquiry into the needs of an area, from its plan to its findings.

planning → preparation → data_collection → analysis → reporting → completed; any open → cancelled;
completed → reporting.
"""
