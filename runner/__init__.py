"""A declarative strategy runner for US equities: one YAML file is one strategy."""

__version__ = "0.1.0"
