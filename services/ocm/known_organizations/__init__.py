"""Known organization: what ocm remembers of identity's register; it names rows and counts MOAs."""
