"""Payee: whom an organization pays; a person's tax number is told only to those who need it."""
