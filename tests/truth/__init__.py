"""What each page shows is what PyTorch computes: one file a page, `test_<page>.py`, listed in docs/truth.md."""
