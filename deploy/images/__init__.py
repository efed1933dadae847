"""The images: one Dockerfile for all of them, and the two scripts that it uses."""
