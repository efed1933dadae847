"""Known partnership answer: what an invited organization told: accepted, declined, withdrawn."""
