"""The model card: what a model is for, how good, how fair and how steady it is, as a document and as a page to read.

Mitchell, M. et al. (2019), "Model cards for model reporting", FAT*.
"""
