"""Known assessment: what budgeting remembers of mana's needs assessments, as evidence."""
