"""A factor as its owner handles it: set up, listed, removed, each with its trail and its letter."""
