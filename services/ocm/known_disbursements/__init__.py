"""Known disbursement: what ocm remembers of what each organization has paid."""
