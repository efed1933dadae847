"""An allowed client: a program that a person let read who they are, as a row of their own page."""
