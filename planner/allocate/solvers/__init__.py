"""Solvers of an allocation problem."""
