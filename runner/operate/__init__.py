"""A run that lasts: start, supervision, restart, control."""
