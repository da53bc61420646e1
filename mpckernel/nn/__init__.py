"""Neural networks trained on secret-shared data, with PyTorch's names.

Values, weights and gradients are secret arrays; architecture, batch sizes and rates are public.
Source of the names: PyTorch's torch.nn and torch.optim.
"""
