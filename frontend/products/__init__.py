"""Product classification as the dashboard offers it: reading products, asking for their categories, writing them."""
