"""What every service shares: errors, settings, server, client, telemetry, generated contracts."""
