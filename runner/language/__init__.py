"""The document: YAML text to a program. Knows no engine."""
