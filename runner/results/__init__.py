"""The reading: folds over a journal and bars. Knows no engine."""
