"""A question in words, and what it asks for."""
