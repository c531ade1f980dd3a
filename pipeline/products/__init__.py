"""Products of a marketplace: reading them, comparing text models on them, training the classifier."""
