"""Nouns of the market: money, bars, orders, sessions, records. No time, no input or output, no rule."""
