"""Known allotment: what ocm remembers of the authority released to each organization."""
