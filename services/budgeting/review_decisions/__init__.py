"""Review decision: the steps of a review, from opening a submission to settling it."""
