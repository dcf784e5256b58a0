"""Changes of dated rules. A person of the desk previews the effect of a change and requests it. Another person grants
it.
"""
