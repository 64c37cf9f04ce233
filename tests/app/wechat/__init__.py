"""WeChat's tests."""
