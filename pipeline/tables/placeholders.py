"""What the raw layout writes where there is no value. Plain constants: whoever reads a single row needs them, too."""

# The layout's placeholder for "no such day" (a thousand years); bureau holds real dates only.
NO_DAY = 365243
TABLES_WITH_NO_DAY = ("application", "previous_application")
# Placeholders for "not available" and "not applicable".
PLACEHOLDERS = ("XNA", "XAP")
