"""Changes of dated rules: rehearsed on today's cases, asked by one person of the desk and granted by another."""
