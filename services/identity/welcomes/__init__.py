"""A welcome: the page on which an invited person joins, choosing a password when they are new."""
