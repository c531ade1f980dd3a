"""The gRPC services, one package each, and what they share."""
