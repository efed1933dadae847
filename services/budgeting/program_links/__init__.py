"""Program link: what of planning and mana a program of a proposal stands on; all one's own."""
