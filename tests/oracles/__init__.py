"""What tests and benchmarks compare with: mpmath, digits from elsewhere, wrong claims, and what damages files."""
