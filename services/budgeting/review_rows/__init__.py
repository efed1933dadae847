"""Review row: a program or a line of a review, of which many are decided in one request."""
