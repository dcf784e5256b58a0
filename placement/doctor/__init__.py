"""The examination of an installation. It has a check for each thing on which the installation depends, and advice for
each finding.
"""
