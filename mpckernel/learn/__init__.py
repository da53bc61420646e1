"""Models fitted to secret-shared data, with scikit-learn's interface.

What is learned stays secret until it is revealed. Source of the names: scikit-learn, and
statsmodels for summaries.
"""
