"""Technical code that every service stands on; it knows no business noun."""
