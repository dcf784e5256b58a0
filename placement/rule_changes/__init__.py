"""Changes of dated rules: rehearsed on today's cases, requested by a person of the desk, and granted by another."""
