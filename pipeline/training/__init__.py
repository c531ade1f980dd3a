"""From a features file to a published model folder."""

import os

# LightGBM's threads meet thousands of times a second. By default those that wait spin, and where cores are shared or
# limited they take the time from the one they wait for: ten times slower. OpenMP reads this when LightGBM is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
