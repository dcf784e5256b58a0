"""The examination of an installation (`placement doctor`). It checks each thing on which the installation depends, and
has advice for each finding.
"""
