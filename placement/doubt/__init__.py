"""Rows and a log in doubt: what a person sees of them, and their release by two persons."""
