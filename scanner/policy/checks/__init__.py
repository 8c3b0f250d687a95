"""Checks that policies declare: questions to the graph in YAML, compiled to rules."""
