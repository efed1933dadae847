"""Rights: what a person may do in an organization now, added up by one function, default deny."""
