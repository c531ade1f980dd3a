"""Typed clients of the services: plain dataclasses in and out, errors of ``services.common.errors``."""
