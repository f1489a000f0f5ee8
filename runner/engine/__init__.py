"""The run: ports, one timeline, columns, decisions, steps, and the two drivers."""
