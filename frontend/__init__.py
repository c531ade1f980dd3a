"""The Panel application of the credit officers."""
