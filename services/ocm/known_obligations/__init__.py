"""Known obligation: what ocm remembers of what each organization has bound itself to pay."""
