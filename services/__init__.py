"""The six bounded contexts of BMMS, one package each; none imports another."""
