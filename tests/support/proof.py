"""How large a proof is: `PROOF_SIZE=full` for `make prove`."""

import os

FULL = os.environ.get("PROOF_SIZE") == "full"
