"""Known cash allocation: what ocm remembers of the cash each organization received, by period."""
