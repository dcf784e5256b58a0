"""The examination of an installation (`placement doctor`). It checks everything that the installation needs to work,
and gives advice with each finding.
"""
