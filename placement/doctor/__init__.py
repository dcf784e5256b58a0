"""The examination of an installation (`placement doctor`). It gives advice with each finding."""
