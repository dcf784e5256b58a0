"""Makes the material of these tests importable: `small` (random problems), `brute` (try everything), `parts`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
