"""Rights: what a role, a flag or a grant allows, as data, and the one function that adds it up."""
