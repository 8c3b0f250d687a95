"""Licences by SPDX: what an expression says, and whether lists of licences allow it."""
