"""The modules of fibjs: one folder each, the Python half and the JavaScript half side by side."""
