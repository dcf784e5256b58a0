"""The count register: coded facts for the figures of the country, without a link to a case (`docs/guide/counts.md`)."""
