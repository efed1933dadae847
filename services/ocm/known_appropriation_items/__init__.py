"""Known appropriation item: what ocm remembers of what acts gave each organization."""
