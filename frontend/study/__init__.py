"""The comparison of text models on products: what the page of the study chooses and shows."""
