"""Known assessment: what ocm remembers of mana's assessments; no person is named in it."""
