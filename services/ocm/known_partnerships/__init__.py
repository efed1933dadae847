"""Known partnership: what ocm remembers of inter-MOA partnerships, as their leads told."""
